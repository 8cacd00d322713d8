//! Jobs that return all results at once.

use super::Job;
use super::observers::Observers;
use crate::engine;
use crate::observe::{Progress, Recorder};
use crate::outcome::{self, ItemError};
use crate::work::{Branch, KeepAll, StopAtErr, Work};

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the results in input order.
    ///
    /// ```
    /// let squares = parallelize::job(0..100, |i| i * i).collect();
    /// assert_eq!(squares[99], 9801);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics.
    #[track_caller]
    pub fn collect<R>(self) -> Vec<R>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.collect_observed(None)
    }

    /// Runs the job and returns the values of all results in input order, or the error with the
    /// lowest index.
    ///
    /// Once an error is known, no item behind it starts.
    ///
    /// ```
    /// use parallelize::job;
    ///
    /// let numbers = job(["1", "2", "3"], |text| text.parse::<u32>()).try_collect();
    /// assert_eq!(numbers, Ok(vec![1, 2, 3]));
    ///
    /// let failed = job(["1", "two", "3"], |text| text.parse::<u32>()).try_collect();
    /// assert_eq!(failed.unwrap_err().index, 1);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error with the lowest index if the function returns one for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics.
    #[track_caller]
    pub fn try_collect<T, E>(self) -> Result<Vec<T>, ItemError<E>>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
    {
        let mut values = Vec::new();
        match self.run::<StopAtErr>(None, &mut values) {
            Ok(()) => Ok(values),
            Err((index, error)) => Err(ItemError { index, error }),
        }
    }

    /// Like [`collect`](Job::collect), but also reports the course of the job to the `recorder`.
    #[inline]
    #[track_caller]
    pub(super) fn collect_observed<R>(self, recorder: Option<&Recorder>) -> Vec<R>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let mut results = Vec::new();
        match self.run::<KeepAll>(recorder, &mut results) {
            Ok(()) => results,
            Err((_, never)) => match never {},
        }
    }

    /// Runs the job and puts its values into `results`, or returns the reason that ended it, with
    /// the index of the item.
    // Inline, because moving what describes a short call costs more than the call. For the same
    // reason the results go to a place of the caller's.
    #[inline]
    #[track_caller]
    fn run<M>(
        self,
        recorder: Option<&Recorder>,
        results: &mut Vec<M::Value>,
    ) -> Result<(), (usize, M::Reason)>
    where
        W: Work<I::Item>,
        M: Branch<W::Output, Value: Send, Reason: Send>,
    {
        let Self {
            items,
            work,
            settings,
            progress,
        } = self;
        let observers = Observers::new(progress, &items, settings, recorder);
        let ended =
            engine::collect::<_, _, M>(items, &work, settings, observers.observer(), results);
        observers.finish(ended.is_ok());
        ended.map_err(|(index, failure)| outcome::reason(index, failure))
    }
}
