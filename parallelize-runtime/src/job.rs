//! The builder and its last calls.

use crate::profile::Profile;

/// Applies `function` to every item and gives the results in input order.
pub fn map<I, F, R>(items: I, function: F) -> Vec<R>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    F: Fn(I::Item) -> R + Sync,
    R: Send,
{
    items.into_iter().map(function).collect()
}

/// Work that is described and not yet run.
#[derive(Debug)]
pub struct Job<I, M> {
    items: I,
    make_worker: M,
}

/// The job of a companion: `make_worker` gives each worker the function that it applies to its items.
pub fn companion<I, M, W, R>(
    _profile: &'static Profile,
    items: I,
    make_worker: M,
) -> Job<I::IntoIter, M>
where
    I: IntoIterator<IntoIter: Send>,
    M: Fn() -> W + Sync,
    W: FnMut(I::Item) -> R,
    R: Send,
{
    Job {
        items: items.into_iter(),
        make_worker,
    }
}

impl<I: Iterator + Send, M> Job<I, M> {
    /// The results in input order.
    #[track_caller]
    pub fn collect<W, R>(self) -> Vec<R>
    where
        M: Fn() -> W + Sync,
        W: FnMut(I::Item) -> R,
        R: Send,
    {
        self.items.map((self.make_worker)()).collect()
    }
}
