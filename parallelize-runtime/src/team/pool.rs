//! The pools that helpers come from.

use std::env;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

use rayon::Yield;

use super::own_pool::{OwnPool, instead_of_global, known_instead_of_global, own_pool};

/// A pool that helpers come from.
pub(crate) trait HelperPool: Copy + Send + 'static {
    /// Lets a thread of the pool run `job` at some time.
    fn spawn(self, job: impl FnOnce() + Send + 'static);

    /// Lets the pool run a job on the calling thread, which is one of its own. Returns whether it
    /// ran one.
    fn yield_now(self) -> bool;

    /// Returns an id that no other pool has among those that the same thread may use.
    fn id(self) -> usize;
}

/// A pool of rayon.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pool {
    /// The pool that the calling thread belongs to, or the global one if it belongs to none.
    Current,
    /// A pool that the runtime has started for calls on a given number of threads.
    Own(&'static OwnPool),
}

impl Pool {
    /// Returns the number of threads that a call on `requested` threads should have, if one is set.
    fn set(requested: Option<NonZeroUsize>) -> Option<NonZeroUsize> {
        // The environment wins: it knows the machine that the program runs on.
        ENV_THREADS.or(requested)
    }

    /// Returns the [`id`](HelperPool::id) of the pool for a call on `requested` threads. Starts no
    /// thread.
    pub(crate) fn id_for(requested: Option<NonZeroUsize>) -> usize {
        let wanted = Self::set(requested)
            .or_else(|| known_instead_of_global().filter(|_| is_outside_pools()));
        wanted.map_or(CURRENT, |threads| threads.get() - 1)
    }

    /// Returns the pool for a call on `requested` threads, and the number of threads with the
    /// caller. There are fewer than requested where the operating system cannot start them.
    pub(crate) fn with(requested: Option<NonZeroUsize>) -> (Self, usize) {
        match Self::wanted(requested).map(NonZeroUsize::get) {
            None => (Self::Current, rayon::current_num_threads()),
            Some(1) => (Self::Current, 1),
            Some(threads) => own_pool(threads - 1).map_or((Self::Current, 1), |own| {
                (Self::Own(own), own.pool.current_num_threads() + 1)
            }),
        }
    }

    /// Returns how many threads a call on `requested` threads should have, the caller included.
    pub(crate) fn wanted_threads(requested: Option<NonZeroUsize>) -> usize {
        Self::wanted(requested).map_or_else(rayon::current_num_threads, NonZeroUsize::get)
    }

    /// Returns the number of threads that a call on `requested` threads should have, unless it is
    /// that of [`Pool::Current`]. Starts the global pool if the call would use it.
    fn wanted(requested: Option<NonZeroUsize>) -> Option<NonZeroUsize> {
        let instead = || is_outside_pools().then(instead_of_global).flatten();
        Self::set(requested).or_else(instead)
    }
}

/// Returns whether the calling thread would use the global pool.
fn is_outside_pools() -> bool {
    rayon::current_thread_index().is_none()
}

/// The value of `PARALLELIZE_NUM_THREADS`. 0 counts as not set.
static ENV_THREADS: LazyLock<Option<NonZeroUsize>> = LazyLock::new(|| {
    let value = env::var_os("PARALLELIZE_NUM_THREADS")?;
    let threads = value.to_str().and_then(|value| value.trim().parse().ok());
    if threads.is_none() {
        eprintln!("PARALLELIZE_NUM_THREADS is ignored: {value:?} is not a number of threads");
    }
    NonZeroUsize::new(threads?)
});

impl HelperPool for Pool {
    fn spawn(self, job: impl FnOnce() + Send + 'static) {
        match self {
            Self::Current => rayon::spawn(job),
            Self::Own(own) => own.pool.spawn(job),
        }
    }

    fn yield_now(self) -> bool {
        rayon::yield_now() == Some(Yield::Executed)
    }

    fn id(self) -> usize {
        match self {
            Self::Current => CURRENT,
            Self::Own(own) => own.wanted,
        }
    }
}

/// The id of [`Pool::Current`]. One is enough, since a thread belongs to at most one pool.
const CURRENT: usize = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_is_one_of_the_threads() {
        let threads = |requested| Pool::with(NonZeroUsize::new(requested)).1;
        assert_eq!([1, 2, 16].map(threads), [1, 2, 16]);
        assert_eq!(threads(0), rayon::current_num_threads());
    }
}
