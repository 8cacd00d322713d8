//! How results become one value.

use std::iter;
use std::marker::PhantomData;

/// Makes one value of results, which are `R`.
pub(crate) trait Reduction<R>: Sync {
    /// What consecutive results have become.
    type Accumulator: Send;

    /// Begins with one result.
    fn begin(&self, first: R) -> Self::Accumulator;

    /// Adds the next result.
    fn fold(&self, accumulator: Self::Accumulator, result: R) -> Self::Accumulator;

    /// Combines what neighboring results have become.
    fn combine(&self, left: Self::Accumulator, right: Self::Accumulator) -> Self::Accumulator;
}

/// The sum, by [`iter::Sum`].
pub(crate) struct Sum<S>(PhantomData<fn() -> S>);

impl<S> Sum<S> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R, S> Reduction<R> for Sum<S>
where
    S: iter::Sum<R> + iter::Sum<S> + Send,
{
    type Accumulator = S;

    #[inline]
    fn begin(&self, first: R) -> S {
        iter::once(first).sum()
    }

    #[inline]
    fn fold(&self, accumulator: S, result: R) -> S {
        <Self as Reduction<R>>::combine(self, accumulator, self.begin(result))
    }

    #[inline]
    fn combine(&self, left: S, right: S) -> S {
        iter::once(left).chain(iter::once(right)).sum()
    }
}

/// A function that makes one value of two.
pub(crate) struct Reduce<F>(pub(crate) F);

impl<R: Send, F: Fn(R, R) -> R + Sync> Reduction<R> for Reduce<F> {
    type Accumulator = R;

    #[inline]
    fn begin(&self, first: R) -> R {
        first
    }

    #[inline]
    fn fold(&self, accumulator: R, result: R) -> R {
        (self.0)(accumulator, result)
    }

    #[inline]
    fn combine(&self, left: R, right: R) -> R {
        (self.0)(left, right)
    }
}

/// A function for each part: the beginning, a further result, and two accumulators.
pub(crate) struct Fold<N, F, C> {
    pub(crate) init: N,
    pub(crate) add: F,
    pub(crate) combine: C,
}

impl<R, A, N, F, C> Reduction<R> for Fold<N, F, C>
where
    A: Send,
    N: Fn() -> A + Sync,
    F: Fn(A, R) -> A + Sync,
    C: Fn(A, A) -> A + Sync,
{
    type Accumulator = A;

    #[inline]
    fn begin(&self, first: R) -> A {
        (self.add)((self.init)(), first)
    }

    #[inline]
    fn fold(&self, accumulator: A, result: R) -> A {
        (self.add)(accumulator, result)
    }

    #[inline]
    fn combine(&self, left: A, right: A) -> A {
        (self.combine)(left, right)
    }
}
