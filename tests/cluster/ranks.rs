//! What the tests do on a cluster in one process.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) use crate::in_process::Cluster;

static ELSEWHERE: AtomicUsize = AtomicUsize::new(0);

/// What every item here does: it takes some time, so that others come to it.
pub(crate) fn item() {
    if is_elsewhere() {
        ELSEWHERE.fetch_add(1, Ordering::Relaxed);
    }
    thread::sleep(Duration::from_micros(200));
}

/// Whether this is a thread of another rank.
pub(crate) fn is_elsewhere() -> bool {
    let thread = thread::current();
    thread.name().is_some_and(|name| name.contains(" of rank "))
}

/// How many items have been evaluated by other ranks while `run` ran.
pub(crate) fn elsewhere(run: impl FnOnce()) -> usize {
    let before = ELSEWHERE.load(Ordering::Relaxed);
    run();
    ELSEWHERE.load(Ordering::Relaxed) - before
}

/// Whether others do a share of what `run` runs. On a busy machine they may come too late now and then.
pub(crate) fn is_shared(run: impl Fn()) -> bool {
    (0..20).any(|_| elsewhere(&run) > 0)
}

/// Checks that the companion agrees with the loop in clusters of several shapes, and that others do their share.
#[track_caller]
pub(crate) fn agree<R: Debug + PartialEq>(serial: impl Fn() -> R, parallel: impl Fn() -> R) {
    let expected = serial();
    for (others, threads) in [(0, 1), (1, 1), (2, 2)] {
        let _cluster = Cluster::of(others, threads);
        let run = || assert_eq!(parallel(), expected, "with {others} others");
        if others == 0 {
            run();
        } else {
            assert!(is_shared(run), "{others} others have nothing to do");
        }
    }
}
