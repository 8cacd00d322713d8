//! The pools that helpers come from.

use std::collections::BTreeMap;
use std::env;
use std::num::NonZeroUsize;
use std::sync::{LazyLock, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder, Yield};

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
    Own(&'static ThreadPool),
}

impl Pool {
    /// Returns the number of threads that a call on `requested` threads has, if one is set.
    fn threads(requested: Option<NonZeroUsize>) -> Option<NonZeroUsize> {
        // The environment wins: it knows the machine that the program runs on.
        ENV_THREADS.or(requested)
    }

    /// Returns the [`id`](HelperPool::id) of the pool for a call on `requested` threads.
    pub(crate) fn id_for(requested: Option<NonZeroUsize>) -> usize {
        Self::threads(requested).map_or(CURRENT, |threads| threads.get() - 1)
    }

    /// Returns the pool for a call on `requested` threads, and the number of threads with the
    /// caller.
    pub(crate) fn with(requested: Option<NonZeroUsize>) -> (Self, usize) {
        match Self::threads(requested).map(NonZeroUsize::get) {
            None => (Self::Current, rayon::current_num_threads()),
            Some(1) => (Self::Current, 1),
            Some(threads) => (Self::Own(own_pool(threads - 1)), threads),
        }
    }
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

/// Returns the pool of `helpers` threads. The first request starts it, and it never ends.
fn own_pool(helpers: usize) -> &'static ThreadPool {
    static POOLS: Mutex<BTreeMap<usize, &'static ThreadPool>> = Mutex::new(BTreeMap::new());
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    pools.entry(helpers).or_insert_with(|| {
        let named = move |index| format!("parallelize {index} of {helpers}");
        let pool = ThreadPoolBuilder::new()
            .num_threads(helpers)
            .thread_name(named)
            .build();
        let pool = pool.unwrap_or_else(|error| panic!("cannot start {helpers} threads: {error}"));
        Box::leak(Box::new(pool))
    })
}

impl HelperPool for Pool {
    fn spawn(self, job: impl FnOnce() + Send + 'static) {
        match self {
            Self::Current => rayon::spawn(job),
            Self::Own(pool) => pool.spawn(job),
        }
    }

    fn yield_now(self) -> bool {
        rayon::yield_now() == Some(Yield::Executed)
    }

    fn id(self) -> usize {
        match self {
            Self::Current => CURRENT,
            Self::Own(pool) => pool.current_num_threads(),
        }
    }
}

/// The id of [`Pool::Current`]. One is enough, since a thread belongs to at most one pool.
const CURRENT: usize = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_started_once() {
        let pools = [3, 2, 3].map(own_pool);
        assert_eq!(pools.map(ThreadPool::current_num_threads), [3, 2, 3]);
        assert!(std::ptr::eq(pools[0], pools[2]));
    }

    #[test]
    fn the_caller_is_one_of_the_threads() {
        let threads = |requested| Pool::with(NonZeroUsize::new(requested)).1;
        assert_eq!([1, 2, 16].map(threads), [1, 2, 16]);
        assert_eq!(threads(0), rayon::current_num_threads());
    }
}
