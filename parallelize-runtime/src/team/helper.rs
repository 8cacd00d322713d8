//! How a helper is requested, and what it does from then on.

use std::cell::Cell;
use std::thread::sleep;
use std::time::Duration;

use super::door::{Door, PendingHelper};
use super::idle_helpers::{IDLE_HELPERS, IdleHelpers};
use super::linger::Linger;
use super::pool::HelperPool;
use super::thread::{HELPED_WHILE_YIELDING, LINGERING, defer, in_call, is_in_call};
use super::waiting_jobs::{RequestedHelper, enlist};
use crate::sync::Arc;

/// Requests a helper for the call behind `door`, unless enough are inside or pending.
pub(super) fn request(pool: impl HelperPool, idle_helpers: &Arc<IdleHelpers>, door: &Arc<Door>) {
    if door.lacks_helpers() {
        send(pool, idle_helpers, Door::add_pending(door));
    }
}

/// Like [`request`], for a helper that works alone: it requests no others when it arrives.
fn request_one(pool: impl HelperPool, idle_helpers: &Arc<IdleHelpers>, door: &Arc<Door>) {
    if door.lacks_helpers() {
        send(pool, idle_helpers, Door::add_pending(door).alone());
    }
}

/// Requests a helper for the call behind `door` in place of one that is late. The later of the two
/// may find no room.
pub(super) fn request_instead(
    pool: impl HelperPool,
    idle_helpers: &Arc<IdleHelpers>,
    door: &Arc<Door>,
) {
    if !door.is_closed() {
        send(pool, idle_helpers, Door::add_pending(door));
    }
}

/// Sends a helper on its way, by a waiting job of this thread whose call is over, or by a new job.
fn send(pool: impl HelperPool, idle_helpers: &Arc<IdleHelpers>, pending: PendingHelper) {
    let helper = RequestedHelper {
        idle_helpers: Arc::clone(idle_helpers),
        pending,
    };
    if let Some(job) = enlist(pool.id(), helper) {
        pool.spawn(move || {
            if let Some(RequestedHelper {
                idle_helpers,
                pending,
            }) = job.begin()
            {
                help_then_linger(pool, &idle_helpers, Some(pending));
            }
        });
    }
}

/// Requests a helper that lingers for the next call of this thread, unless one is on its way.
pub(super) fn wake(pool: impl HelperPool) {
    let Ok(idle_helpers) = IDLE_HELPERS.try_with(Arc::clone) else {
        return;
    };
    if let Some(waking) = IdleHelpers::wake(&idle_helpers) {
        pool.spawn(move || {
            drop(waking);
            help_then_linger(pool, &idle_helpers, None);
        });
    }
}

/// Runs a helper. It helps in the call that it was requested for, if any, and then lingers for the
/// next ones.
fn help_then_linger(
    pool: impl HelperPool,
    idle_helpers: &Arc<IdleHelpers>,
    requested: Option<PendingHelper>,
) {
    if is_in_call() {
        if let Some(pending) = requested {
            redirect(pool, idle_helpers, pending);
        }
        return;
    }
    // The call that the helper has left only because another worker holds the iterator for long.
    let turned_away = Cell::new(None);
    // Returns whether the helper was useful, or `None` if it could not enter.
    let help = |door: &Arc<Door>, pending: Option<PendingHelper>| {
        // It requests two more before it works. So the caller pays for one wake-up, and the number
        // of helpers that are awake doubles with each step.
        if !pending.as_ref().is_some_and(PendingHelper::is_alone) {
            request(pool, idle_helpers, door);
            request(pool, idle_helpers, door);
        }
        // In this order, so that this helper is never counted twice. A thread that counts in
        // between counts one too few: it requests an extra helper, which finds no room.
        // Overcounting would be worse: the missing helper would never be requested.
        drop(pending);
        let inside = Door::enter(door)?;
        let request_again = || turned_away.set(Some(Arc::clone(door)));
        Some(in_call(|| inside.help(&request_again)))
    };
    let linger = Linger::begin(pool, idle_helpers, requested.is_some());
    let helped = requested.map(|pending| {
        let door = Arc::clone(pending.door());
        help(&door, Some(pending))
    });
    let Some(mut linger) = linger else {
        if LINGERING.with(Cell::get) {
            // The pool runs this while the thread yields.
            let was_useful = helped.flatten() == Some(true);
            HELPED_WHILE_YIELDING.with(|helped| helped.set(Some(was_useful)));
        }
        come_back(pool, idle_helpers, turned_away.take());
        return;
    };
    if let Some(helped) = helped {
        // A helper that finds the door closed is late: the caller makes no calls in a hot loop.
        linger.finish_call(helped.is_some());
    }
    while let Some((door, promise)) = linger.next_call(pool) {
        linger.finish_call(help(&door, promise) == Some(true));
    }
    let should_respawn = linger.should_respawn;
    drop(linger);
    come_back(pool, idle_helpers, turned_away.take());
    if should_respawn {
        let idle_helpers = Arc::clone(idle_helpers);
        pool.spawn(move || help_then_linger(pool, &idle_helpers, None));
    }
}

/// Requests a helper again that was `turned_away` from a call, after it has let the pool run
/// another job. The helper is outside of the call by now and nothing counts it, so that job may
/// take long.
fn come_back(
    pool: impl HelperPool,
    idle_helpers: &Arc<IdleHelpers>,
    turned_away: Option<Arc<Door>>,
) {
    /// How long the thread sleeps if the pool has no job.
    const PAUSE: Duration = Duration::from_micros(20);
    if let Some(door) = turned_away.filter(|door| !door.is_closed()) {
        if !pool.yield_now() {
            sleep(PAUSE);
        }
        request_one(pool, idle_helpers, &door);
    }
}

/// Passes a helper on to another thread, since this one is inside an item. The pool runs jobs on
/// such a thread while the item waits for something.
fn redirect(pool: impl HelperPool, idle_helpers: &Arc<IdleHelpers>, mut pending: PendingHelper) {
    if pending.hop() {
        // It stays pending, so that its caller does not request another.
        send(pool, idle_helpers, pending);
        return;
    }
    // The pool may give this thread the helper again and again, and what the item waits for comes
    // behind it. The item may take long, so the helper does not count as pending meanwhile.
    let (idle_helpers, door) = (Arc::clone(idle_helpers), Arc::clone(pending.door()));
    drop(pending);
    defer(move || request(pool, &idle_helpers, &door));
}
