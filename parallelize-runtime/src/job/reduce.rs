//! Jobs whose results become one value.

use std::iter;

use super::Job;
use crate::engine::{Fold, Reduce, Reduction, Sum, Tree};
use crate::observe::Progress;
use crate::outcome::ItemError;
#[cfg(feature = "cluster")]
use crate::work::are_same_numbers;
use crate::work::{Branch, KeepAll, StopAtErr, TryWork, Work};

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the sum of all results.
    ///
    /// The results are not held together, and the sum has the same bits on any number of threads,
    /// with any settings, and on any machines.
    ///
    /// ```
    /// let tenths = || parallelize::job(0..10_000_000, |_| 0.1_f32);
    /// assert_eq!(tenths().sum::<f32>(), tenths().threads(1).sum());
    /// // The plain loop gives 1087937.
    /// assert!((tenths().sum::<f32>() - 1_000_000.0).abs() < 1.0);
    /// ```
    ///
    /// # Order
    ///
    /// Each 64 consecutive results are added from left to right. The sums are added pairwise, and
    /// theirs again, until one is left. So up to 64 numbers have the sum of the plain loop, and
    /// more of them have a better one: rounding `n` floating-point results to a relative precision
    /// of `u` changes their sum by at most about `(64 + log2(n / 64)) * u` times the sum of their
    /// absolute values, where it is `n * u` in the plain loop. (N. J. Higham, "The accuracy of
    /// floating point summation", SIAM Journal on Scientific Computing 14, 1993.)
    ///
    /// On a cluster, the other machines send one sum for each 64 numbers that a chunk holds, if the
    /// sum is a number of the same type and the job has no journal. To [`reduce`](Job::reduce) and
    /// [`fold`](Job::fold), they send results: a closure stays on its machine.
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics, and passes on a
    /// panic of the sum, as by an overflow.
    #[must_use]
    #[track_caller]
    #[cfg_attr(not(feature = "cluster"), allow(unused_mut))]
    pub fn sum<S>(mut self) -> S
    where
        W: Work<I::Item, Output: Send>,
        S: iter::Sum<W::Output> + iter::Sum<S> + Send,
    {
        #[cfg(feature = "cluster")]
        {
            self.settings.is_sum = are_same_numbers::<W::Output, S>();
        }
        self.reduced(&Sum::new())
            .unwrap_or_else(|| iter::empty::<S>().sum())
    }

    /// Runs the job and returns what `op` makes of all results, two at a time, or `None` if there
    /// are no items.
    ///
    /// `op` should be associative, as for the loop: it receives the results in [order](Job::sum),
    /// but not from left to right throughout. Where it is not quite associative, as the addition of
    /// floating-point numbers, the result is still the same on any number of threads.
    ///
    /// ```
    /// let job = parallelize::job(["one", "three", "fifteen"], |word| word.len());
    /// assert_eq!(job.reduce(usize::max), Some(7));
    /// ```
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics, and passes on a
    /// panic of `op`.
    #[must_use]
    #[track_caller]
    pub fn reduce<R>(self, op: impl Fn(R, R) -> R + Sync) -> Option<R>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.reduced(&Reduce(op))
    }

    /// Runs the job and returns the accumulator into which all results went.
    ///
    /// `fold` adds a result to an accumulator, which begins as `init`. Each 64 consecutive results
    /// have an accumulator of their own. `combine` makes one of two: the left one is that of
    /// earlier results. The [order](Job::sum) is always the same. Without items, the result is
    /// `init()`.
    ///
    /// Some accumulators exist at the same time for each thread, and those at the end of one that
    /// is not whole wait beside up to 63 results. So this pays if a result is large and an
    /// accumulator is small.
    ///
    /// ```
    /// // The mean, and the largest deviation from 50.
    /// let (count, sum, most) = parallelize::job(0..1_000_u32, |i| f64::from(i * i % 101)).fold(
    ///     || (0_u32, 0.0, 0.0_f64),
    ///     |(count, sum, most), x| (count + 1, sum + x, most.max((x - 50.0).abs())),
    ///     |left, right| (left.0 + right.0, left.1 + right.1, left.2.max(right.2)),
    /// );
    /// assert_eq!((count, most), (1_000, 50.0));
    /// assert!((sum / f64::from(count) - 50.0).abs() < 1.0);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics, and passes on a
    /// panic of `init`, `fold` or `combine`.
    #[must_use]
    #[track_caller]
    pub fn fold<A, R>(
        self,
        init: impl Fn() -> A + Sync,
        fold: impl Fn(A, R) -> A + Sync,
        combine: impl Fn(A, A) -> A + Sync,
    ) -> A
    where
        W: Work<I::Item, Output = R>,
        R: Send,
        A: Send,
    {
        let fold = Fold {
            init,
            add: fold,
            combine,
        };
        self.reduced(&fold).unwrap_or_else(&fold.init)
    }

    /// Like [`sum`](Job::sum), for the values of a function that returns a `Result`.
    ///
    /// Once an error is known, no item behind it starts.
    ///
    /// ```
    /// use parallelize::job;
    ///
    /// let sum = job(["1", "2", "3"], |text| text.parse::<u32>()).try_sum::<u32>();
    /// assert_eq!(sum, Ok(6));
    ///
    /// let failed = job(["1", "two", "3"], |text| text.parse::<u32>()).try_sum::<u32>();
    /// assert_eq!(failed.unwrap_err().index, 1);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error with the lowest index if the function returns one for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`sum`](Job::sum).
    #[track_caller]
    pub fn try_sum<S>(self) -> Result<S, ItemError<W::Err>>
    where
        W: TryWork<I::Item>,
        S: iter::Sum<W::Ok> + iter::Sum<S> + Send,
    {
        let sum = self.try_reduced::<StopAtErr, _>(&Sum::new())?;
        Ok(sum.unwrap_or_else(|| iter::empty::<S>().sum()))
    }

    /// Like [`reduce`](Job::reduce), for the values of a function that returns a `Result`.
    ///
    /// Once an error is known, no item behind it starts.
    ///
    /// ```
    /// let job = parallelize::job(["4", "12", "8"], |text| text.parse::<u32>());
    /// assert_eq!(job.try_reduce(u32::max), Ok(Some(12)));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error with the lowest index if the function returns one for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`reduce`](Job::reduce).
    #[track_caller]
    pub fn try_reduce<T, E>(self, op: impl Fn(T, T) -> T + Sync) -> Result<Option<T>, ItemError<E>>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
    {
        self.try_reduced::<StopAtErr, _>(&Reduce(op))
    }

    /// Like [`fold`](Job::fold), for the values of a function that returns a `Result`.
    ///
    /// Once an error is known, no item behind it starts.
    ///
    /// ```
    /// let job = parallelize::job(["4", "x", "8"], |text| text.parse::<usize>());
    /// let sum_of_squares = job.try_fold(|| 0, |sum, x| sum + x * x, |left, right| left + right);
    /// assert_eq!(sum_of_squares.unwrap_err().index, 1);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error with the lowest index if the function returns one for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`fold`](Job::fold).
    #[track_caller]
    pub fn try_fold<A, T, E>(
        self,
        init: impl Fn() -> A + Sync,
        fold: impl Fn(A, T) -> A + Sync,
        combine: impl Fn(A, A) -> A + Sync,
    ) -> Result<A, ItemError<E>>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
        A: Send,
    {
        let fold = Fold {
            init,
            add: fold,
            combine,
        };
        let folded = self.try_reduced::<StopAtErr, _>(&fold)?;
        Ok(folded.unwrap_or_else(&fold.init))
    }

    #[track_caller]
    fn reduced<R, F>(self, reduction: &F) -> Option<F::Accumulator>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
        F: Reduction<R>,
    {
        match self.try_reduced::<KeepAll, F>(reduction) {
            Ok(reduced) => reduced,
            Err(ItemError { error: never, .. }) => match never {},
        }
    }

    /// Runs the job and returns what the `reduction` makes of its values, or the reason that ended
    /// it, with the index of the item.
    #[track_caller]
    fn try_reduced<M, F>(
        self,
        reduction: &F,
    ) -> Result<Option<F::Accumulator>, ItemError<M::Reason>>
    where
        W: Work<I::Item>,
        M: Branch<W::Output, Value: Send, Reason: Send>,
        F: Reduction<M::Value>,
    {
        let mut tree = Tree::new(reduction);
        match self.run::<M, _>(None, &mut tree) {
            Ok(()) => Ok(tree.finish()),
            Err((index, error)) => Err(ItemError { index, error }),
        }
    }
}
