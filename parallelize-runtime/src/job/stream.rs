//! Jobs whose results are consumed while they are computed.

use std::num::NonZeroUsize;

use super::Job;
use super::observers::Observers;
use crate::engine::{self, Batches, Order, Stream, StreamUnordered};
use crate::observe::Progress;
use crate::work::Work;

impl<I, W, P> Job<I, W, P> {
    /// Has a stream hold no more than so many results that are computed, or being computed, and not
    /// consumed. If this is 0 or not said, that is what 32 runs for each thread come to: a run is one
    /// item that takes long, or some thousands of cheap ones, and takes some 50 us, or 5 ms on a
    /// cluster.
    ///
    /// More of them even out items that take long, fewer take less memory. Below twice the number
    /// of threads, some of these have to wait.
    ///
    /// ```
    /// let job = parallelize::job(0_u64.., |i| i * i).window(100);
    /// let above = job.stream(|mut squares| squares.find(|square| *square > 5_000));
    /// assert_eq!(above, Some(5_041));
    /// ```
    pub fn window(mut self, results: usize) -> Self {
        self.settings.window = NonZeroUsize::new(results);
        self
    }
}

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Gives the results to `consume` in input order, while they are computed, and returns what it
    /// makes of them.
    ///
    /// `consume` runs on the calling thread while others compute. If it is slow, so are they: no
    /// more results wait for it than the [`window`](Job::window) holds. If it is fast, the calling
    /// thread computes, too, whenever the next result is not there. No further item is begun once it
    /// returns or panics. On one thread it gets what `items.map(function)` would give it, each item
    /// when it asks for it.
    ///
    /// Items are asked for ahead of the consumer, also by the calling thread. So the iterator must not
    /// wait for something that `consume` does with a result (in a `window(1)` it may), and where items
    /// come slowly, a result may wait for the next one. The results stay on the calling
    /// thread: they cannot be the items of another job, whose function this one can call instead.
    ///
    /// ```
    /// use parallelize::job;
    ///
    /// // The very bits of the serial sum, and never more than a part of the results in memory.
    /// let roots = job(0..1_000_000, |i| f64::from(i).sqrt());
    /// let sum: f64 = roots.stream(|roots| roots.sum());
    /// assert_eq!(sum, (0..1_000_000).map(|i| f64::from(i).sqrt()).sum());
    /// ```
    ///
    /// # Panics
    ///
    /// If the function panics for an item, as [`map`](crate::map) does. `consume` sees all results
    /// before it, and the panic then comes out of the iterator.
    #[track_caller]
    pub fn stream<R, O>(self, consume: impl FnOnce(Stream<'_, R>) -> O) -> O
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.consumed(Order::Items, |batches| consume(Stream(batches)))
    }

    /// Gives the results to `consume` with the indices of their items, as they are done, and returns
    /// what it makes of them.
    ///
    /// No result waits for one of an earlier item that takes longer. Otherwise this is
    /// [`stream`](Job::stream).
    ///
    /// ```
    /// use parallelize::job;
    ///
    /// let found = job(0..1_000, |i| i * i).stream_unordered(|squares| {
    ///     squares.filter(|(_, square)| square % 1_000 == 1).map(|(i, _)| i).max()
    /// });
    /// assert_eq!(found, Some(999));
    /// ```
    ///
    /// # Panics
    ///
    /// If the function panics for an item, as [`map`](crate::map) does, when there are no further
    /// results.
    #[track_caller]
    pub fn stream_unordered<R, O>(self, consume: impl FnOnce(StreamUnordered<'_, R>) -> O) -> O
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.consumed(Order::Done, |batches| consume(StreamUnordered(batches)))
    }

    #[track_caller]
    fn consumed<R, O>(self, order: Order, consume: impl FnOnce(Batches<'_, R>) -> O) -> O
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let Self {
            items,
            work,
            settings,
            progress,
        } = self;
        let observers = Observers::new(progress, &items, settings, None);
        let (consumed, is_complete) =
            engine::stream(items, &work, settings, order, observers.observer(), consume);
        observers.finish(is_complete);
        consumed
    }
}
