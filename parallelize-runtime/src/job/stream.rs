//! Jobs whose results are consumed while they are computed.

use std::num::NonZeroUsize;

use super::Job;
use super::observers::Observers;
use crate::engine::{self, Batches, Order, Stream, StreamUnordered};
use crate::observe::Progress;
use crate::work::Work;

impl<I, W, P> Job<I, W, P> {
    /// Sets how many results a stream holds at most. A result counts from the start of its item
    /// until it is consumed. 0, the default, allows 32 chunks for each thread.
    ///
    /// A chunk is a single item if that takes long, and thousands of items if they are cheap. A
    /// larger window evens out items that take long. A smaller one uses less memory, but with fewer
    /// than two results for each thread, some threads have to wait.
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
    /// Passes the results to `consume` in input order, while they are computed, and returns what
    /// `consume` returns.
    ///
    /// `consume` runs on the calling thread while the helpers compute. If it is slow, the helpers
    /// wait as soon as the [`window`](Job::window) is full. If it is fast, the calling thread
    /// computes as well, whenever the next result is not ready. Once `consume` returns or panics,
    /// no further item starts. On one thread, `consume` receives `items.map(function)`, which
    /// computes each result on request.
    ///
    /// On several threads:
    ///
    /// - Items are drawn ahead of the consumer, by the calling thread as well. So the iterator must
    ///   not wait for something that `consume` does with a result, except with `window(1)`.
    /// - If the iterator is slow, a result may have to wait until the next item is drawn.
    ///
    /// The results stay on the calling thread, so they cannot be the items of another job. Call the
    /// second function within the first instead.
    ///
    /// ```
    /// use parallelize::job;
    ///
    /// // Equals the serial sum bit by bit. Only a part of the results is in memory at any time.
    /// let roots = job(0..1_000_000, |i| f64::from(i).sqrt());
    /// let sum: f64 = roots.stream(|roots| roots.sum());
    /// assert_eq!(sum, (0..1_000_000).map(|i| f64::from(i).sqrt()).sum());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics. `consume` receives
    /// all results before that item, and then the panic, from the `next` of its iterator.
    #[track_caller]
    pub fn stream<R, O>(self, consume: impl FnOnce(Stream<'_, R>) -> O) -> O
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.run_stream(Order::Items, |batches| consume(Stream(batches)))
    }

    /// Like [`stream`](Job::stream), but passes each result as soon as it is done, with the index
    /// of its item.
    ///
    /// No result waits for an earlier item that takes longer.
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
    /// Panics like [`map`](crate::map) if the function or the iterator panics. The panic comes
    /// after all results that were computed.
    #[track_caller]
    pub fn stream_unordered<R, O>(self, consume: impl FnOnce(StreamUnordered<'_, R>) -> O) -> O
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.run_stream(Order::Done, |batches| consume(StreamUnordered(batches)))
    }

    /// Passes the results to `consume` in this `order`.
    #[track_caller]
    fn run_stream<R, O>(self, order: Order, consume: impl FnOnce(Batches<'_, R>) -> O) -> O
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
