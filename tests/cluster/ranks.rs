//! Calls on a cluster in one process, and how many of their items run on other ranks.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) use crate::in_process::Cluster;

/// How many items have run on ranks other than the leader.
static ELSEWHERE: AtomicUsize = AtomicUsize::new(0);

/// Counts an item and takes some time, so that other ranks get items as well.
pub(crate) fn item() {
    if is_on_another_rank() {
        ELSEWHERE.fetch_add(1, Ordering::Relaxed);
    }
    thread::sleep(Duration::from_micros(200));
}

/// Returns whether this is a thread of a follower.
pub(crate) fn is_on_another_rank() -> bool {
    let thread = thread::current();
    thread.name().is_some_and(|name| name.contains(" of rank "))
}

/// Returns how many items other ranks evaluate during `call`.
pub(crate) fn items_elsewhere(call: impl FnOnce()) -> usize {
    let before = ELSEWHERE.load(Ordering::Relaxed);
    call();
    ELSEWHERE.load(Ordering::Relaxed) - before
}

/// Returns whether other ranks do a share of `call`. On a busy machine they are sometimes too late,
/// so `call` is repeated, up to 20 times.
pub(crate) fn is_shared(call: impl Fn()) -> bool {
    (0..20).any(|_| items_elsewhere(&call) > 0)
}

/// Asserts that the companion agrees with the loop in clusters of several sizes, and that other
/// ranks do a share.
#[track_caller]
pub(crate) fn assert_agree<R: Debug + PartialEq>(serial: impl Fn() -> R, parallel: impl Fn() -> R) {
    let expected = serial();
    for (followers, threads) in [(0, 1), (1, 1), (2, 2)] {
        let _cluster = Cluster::of(followers, threads);
        let call = || assert_eq!(parallel(), expected, "with {followers} followers");
        if followers == 0 {
            call();
        } else {
            assert!(is_shared(call), "{followers} followers have nothing to do");
        }
    }
}
