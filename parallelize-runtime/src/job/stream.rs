//! Jobs whose results are consumed while they are computed.

use super::Job;
use super::observers::Observers;
use crate::engine::{self, Batches, Order, Stream, StreamUnordered};
use crate::observe::Progress;
use crate::work::Work;

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
    /// use std::io::{self, Write};
    ///
    /// // Each line is written as soon as those before it are. Only some are in memory at any time.
    /// let line = |n: u32| format!("{n} {}", f64::from(n).sqrt());
    /// let mut file = io::sink(); // .. or `File::create("roots.txt")?`
    /// job(0..10_000, line).stream(|lines| -> io::Result<()> {
    ///     for line in lines {
    ///         writeln!(file, "{line}")?;
    ///     }
    ///     Ok(())
    /// })?;
    /// # io::Result::Ok(())
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
    /// // A factor of any of these numbers will do, and some have a small one.
    /// let numbers = [1_000_003, 1_000_001, 1_000_019];
    /// let smallest = |n: u64| (2..n).find(|factor| n % factor == 0);
    /// let found = job(numbers, smallest).stream_unordered(|mut factors| {
    ///     factors.find_map(|(index, factor)| factor.map(|factor| (numbers[index], factor)))
    /// });
    /// assert!(matches!(found, Some((1_000_001, 101) | (1_000_019, 47))));
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
