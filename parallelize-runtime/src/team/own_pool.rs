//! Pools that the runtime starts, also where the operating system gives fewer threads than wanted.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{error, fmt};

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};

/// How long to wait for the system to forget threads that have ended.
const PAUSE: Duration = Duration::from_millis(2);

/// A pool for calls on a given number of threads.
#[derive(Debug)]
pub(crate) struct OwnPool {
    /// The number of threads that the pool should have.
    pub(super) wanted: usize,
    pub(super) pool: ThreadPool,
}

/// Returns the pool of `wanted` threads, or of those that could be started, if any. The first
/// request starts it, and it never ends.
pub(super) fn own_pool(wanted: usize) -> Option<&'static OwnPool> {
    static POOLS: Mutex<BTreeMap<usize, Option<&'static OwnPool>>> = Mutex::new(BTreeMap::new());
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    *pools.entry(wanted).or_insert_with(|| {
        let pool = start(wanted, thread::Builder::spawn)?;
        Some(Box::leak(Box::new(OwnPool { wanted, pool })))
    })
}

/// Starts a thread that runs a function.
type Spawn = fn(thread::Builder, Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>>;

/// Starts a pool of `wanted` threads, or of fewer if `spawn` fails. If not even one can be started,
/// there is no pool.
fn start(wanted: usize, spawn: Spawn) -> Option<ThreadPool> {
    let (mut left, error) = match try_start(wanted, spawn) {
        Ok(pool) => return Some(pool),
        Err(failure) => failure,
    };
    let pool = loop {
        if left == 0 {
            break None;
        }
        // The system may still count the threads of the failed pool, although they have ended.
        thread::sleep(PAUSE);
        match try_start(left, spawn) {
            Ok(pool) => break Some(pool),
            Err(_) => left -= 1,
        }
    };
    // The caller is a thread as well.
    let (found, wanted) = (left + 1, wanted + 1);
    say_once(format_args!(
        "only {found} of {wanted} threads could be started: {error}"
    ));
    pool
}

/// Starts a pool of `threads` threads. If that fails, returns how many could be started, after they
/// have ended, and the reason.
fn try_start(threads: usize, spawn: Spawn) -> Result<ThreadPool, (usize, Box<dyn error::Error>)> {
    let mut started = Vec::with_capacity(threads.min(1024));
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .spawn_handler(|thread| {
            let name = format!("parallelize {} of {threads}", thread.index());
            let builder = thread::Builder::new().name(name);
            started.push(spawn(builder, Box::new(|| thread.run()))?);
            Ok(())
        })
        .build();
    pool.map_err(|error| {
        let count = started.len();
        for thread in started {
            _ = thread.join();
        }
        (count, error.into())
    })
}

/// Returns how many threads to take from own pools, the caller included, where the global pool of
/// rayon cannot start. Starts the global pool if nothing has yet.
///
/// Rayon would panic at each use of a global pool that could not start.
pub(super) fn instead_of_global() -> Option<NonZeroUsize> {
    *INSTEAD_OF_GLOBAL.get_or_init(|| {
        // Where there are no threads at all, rayon takes the calling one, but not if told to start.
        if cfg!(target_family = "wasm") {
            return None;
        }
        let error = ThreadPoolBuilder::new().build_global().err()?;
        // An error without a source says that the pool had started before.
        error::Error::source(&error)?.downcast_ref::<io::Error>()?;
        NonZeroUsize::new(default_threads())
    })
}

/// Like [`instead_of_global`], but starts nothing.
pub(super) fn known_instead_of_global() -> Option<NonZeroUsize> {
    INSTEAD_OF_GLOBAL.get().copied().flatten()
}

static INSTEAD_OF_GLOBAL: OnceLock<Option<NonZeroUsize>> = OnceLock::new();

/// Returns how many threads the global pool of rayon would have.
fn default_threads() -> usize {
    // Only rayon knows what it reads from the environment. This pool has none of its threads.
    let pool = ThreadPoolBuilder::new()
        .spawn_handler(|thread: ThreadBuilder| {
            drop(thread);
            Ok(())
        })
        .build();
    pool.map_or(1, |pool| pool.current_num_threads())
}

/// Says on standard error that threads are missing. Only the first call in a process says anything.
pub(crate) fn say_once(shortage: fmt::Arguments<'_>) {
    static SAID: Once = Once::new();
    // Not `eprintln`, which panics where standard error cannot be written.
    SAID.call_once(|| _ = writeln!(io::stderr(), "parallelize: {shortage}"));
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How many threads the next tries may start, the last of them for all that follow.
        static LIMITS: Cell<&'static [usize]> = const { Cell::new(&[]) };
        static STARTED: Cell<usize> = const { Cell::new(0) };
    }

    /// Starts a thread unless the limit of this try is reached.
    fn limited(
        builder: thread::Builder,
        run: Box<dyn FnOnce() + Send>,
    ) -> io::Result<JoinHandle<()>> {
        let limits = LIMITS.get();
        if STARTED.get() < limits[0] {
            STARTED.set(STARTED.get() + 1);
            return builder.spawn(run);
        }
        STARTED.set(0);
        if limits.len() > 1 {
            LIMITS.set(&limits[1..]);
        }
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn threads(wanted: usize, limits: &'static [usize]) -> Option<usize> {
        LIMITS.set(limits);
        STARTED.set(0);
        start(wanted, limited).map(|pool| {
            assert_eq!(pool.install(|| rayon::join(|| 1, || 2)), (1, 2));
            pool.current_num_threads()
        })
    }

    #[test]
    fn a_pool_is_started_once() {
        let pools = [3, 2, 3].map(|wanted| own_pool(wanted).unwrap());
        assert_eq!(pools.map(|own| own.pool.current_num_threads()), [3, 2, 3]);
        assert!(std::ptr::eq(pools[0], pools[2]));
    }

    #[test]
    fn a_pool_has_as_many_threads_as_can_be_started() {
        assert_eq!(threads(5, &[9]), Some(5));
        assert_eq!(threads(5, &[3]), Some(3));
        assert_eq!(threads(5, &[0]), None);
        // Others take threads, too.
        assert_eq!(threads(5, &[3, 2, 1]), Some(1));
        assert_eq!(threads(3, &[2, 0]), None);
    }

    #[test]
    fn rayon_says_how_many_threads_it_would_start() {
        assert_eq!(default_threads(), rayon::current_num_threads());
        assert_eq!(instead_of_global(), None);
    }
}
