//! Where helpers come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::team::Pool;

/// The rayon pool around the calling thread: the one whose `install` it is inside, or the global
/// one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current;

/// How many jobs of one thread may wait for a pool that is busy with other things. Without a limit,
/// a thread that makes call after call beside a busy pool would pile up jobs that only ever find a
/// closed door.
const WAITING: usize = 64;

thread_local! {
    /// How many jobs of this thread have not begun.
    static UNBEGUN: Arc<AtomicUsize> = Arc::default();
}

impl Current {
    /// How many threads it has.
    pub(crate) fn threads() -> usize {
        rayon::current_num_threads()
    }
}

impl Pool for Current {
    fn spawn(self, job: impl FnOnce() + Send + 'static) {
        // Relaxed: a count and nothing else.
        let unbegun = UNBEGUN.with(Arc::clone);
        if unbegun.fetch_add(1, Ordering::Relaxed) >= WAITING {
            unbegun.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        rayon::spawn(move || {
            unbegun.fetch_sub(1, Ordering::Relaxed);
            job();
        });
    }

    fn yield_now(self) -> bool {
        rayon::yield_now() == Some(rayon::Yield::Executed)
    }
}
