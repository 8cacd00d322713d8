//! Where helpers come from.

use std::collections::BTreeMap;
use std::env;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder, Yield};

/// Where helpers come from.
pub(crate) trait HelperPool: Copy + Send + 'static {
    /// Has a thread of the pool run `job` at some time, or drops it.
    fn spawn(self, job: impl FnOnce() + Send + 'static);

    /// Lets the pool use the calling thread, which is one of its own, for something else: whether
    /// it did.
    fn yield_now(self) -> bool;

    /// What tells it from other pools that the same thread may use.
    fn id(self) -> usize;
}

/// A pool of rayon's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pool {
    /// The one around the calling thread: whose `install` it is inside, or the global one.
    Current,
    /// One that is there for calls on a number of threads of their own.
    Own(&'static ThreadPool),
}

impl Pool {
    /// The number of threads that counts, if any was asked for.
    pub(crate) fn asked(asked: Option<NonZeroUsize>) -> Option<NonZeroUsize> {
        // Whoever runs the program knows better than whoever wrote it.
        FROM_ENVIRONMENT.or(asked)
    }

    /// The [`id`](HelperPool::id) of the pool for a call on `asked` threads.
    pub(crate) fn id_for(asked: Option<NonZeroUsize>) -> usize {
        Self::asked(asked).map_or(CURRENT, |threads| threads.get() - 1)
    }

    /// The pool for a call on `asked` threads, and how many threads that makes with the caller.
    pub(crate) fn with(asked: Option<NonZeroUsize>) -> (Self, usize) {
        match Self::asked(asked).map(NonZeroUsize::get) {
            None => (Self::Current, rayon::current_num_threads()),
            Some(1) => (Self::Current, 1),
            Some(threads) => (Self::Own(own(threads - 1)), threads),
        }
    }
}

/// `PARALLELIZE_NUM_THREADS`, where 0 says as little as nothing.
static FROM_ENVIRONMENT: LazyLock<Option<NonZeroUsize>> = LazyLock::new(|| {
    let value = env::var_os("PARALLELIZE_NUM_THREADS")?;
    let threads = value.to_str().and_then(|value| value.trim().parse().ok());
    if threads.is_none() {
        eprintln!("PARALLELIZE_NUM_THREADS is ignored: {value:?} is no number of threads");
    }
    NonZeroUsize::new(threads?)
});

/// The pool of so many threads, which is started when it is first asked for and then stays.
fn own(helpers: usize) -> &'static ThreadPool {
    static POOLS: Mutex<BTreeMap<usize, &'static ThreadPool>> = Mutex::new(BTreeMap::new());
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    pools.entry(helpers).or_insert_with(|| {
        let named = move |index| format!("parallelize {index} of {helpers}");
        let pool = ThreadPoolBuilder::new()
            .num_threads(helpers)
            .thread_name(named)
            .build();
        let pool = pool.unwrap_or_else(|error| panic!("{helpers} threads cannot be had: {error}"));
        Box::leak(Box::new(pool))
    })
}

/// How many jobs of one thread may wait for a pool that is busy with other things. Without a limit,
/// a thread that makes call after call beside a busy pool would pile up jobs that only ever find a
/// closed door.
const WAITING: usize = 64;

thread_local! {
    /// How many jobs of this thread have not begun.
    static UNBEGUN: Arc<AtomicUsize> = Arc::default();
}

impl HelperPool for Pool {
    fn spawn(self, job: impl FnOnce() + Send + 'static) {
        // Relaxed: a count and nothing else.
        // A thread that is about to end has lost count.
        let unbegun = UNBEGUN.try_with(Arc::clone).unwrap_or_default();
        if unbegun.fetch_add(1, Ordering::Relaxed) >= WAITING {
            unbegun.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let job = move || {
            unbegun.fetch_sub(1, Ordering::Relaxed);
            job();
        };
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

/// A thread is in one pool, or in none.
const CURRENT: usize = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_started_once() {
        let pools = [3, 2, 3].map(own);
        assert_eq!(pools.map(ThreadPool::current_num_threads), [3, 2, 3]);
        assert!(std::ptr::eq(pools[0], pools[2]));
    }

    #[test]
    fn the_caller_is_one_of_the_threads() {
        let threads = |asked| Pool::with(NonZeroUsize::new(asked)).1;
        assert_eq!([1, 2, 16].map(threads), [1, 2, 16]);
        assert_eq!(threads(0), rayon::current_num_threads());
    }
}
