//! Who works on a call: the thread that makes it, and helpers that a pool sends.
//!
//! The caller works from the first moment and never waits for a helper that has not come. A helper
//! that is done does not go back to its pool at once: it stays for a moment with the caller, so
//! that calls in a hot loop find it awake.

mod door;
mod idle_helpers;
mod pool;
mod thread;

use std::cell::Cell;
use std::thread::sleep;
use std::time::{Duration, Instant};

use door::{Door, PendingHelper};
use idle_helpers::{IDLE_HELPERS, IdleHelpers, LINGER, Linger};
pub(crate) use pool::{HelperPool, Pool};
use thread::{ASKED, DEFERRED, STAYS, busy};
pub(crate) use thread::{is_busy, respawn_deferred};

use crate::sync::{Arc, Ordering, thread_local};

/// Work that a caller has done alone, call upon call, before it has a helper come for the next
/// ones.
const ALONE: Duration = Duration::from_micros(100);

/// What a caller does, with what asks for so many helpers.
pub(crate) type Lead<'l> = dyn FnMut(&dyn Fn(usize)) + 'l;

/// Runs `lead` on the calling thread, and `help` on up to `helpers` threads of `pool` while it
/// lasts; returns when the last of them has.
///
/// `lead` is given what it should call from time to time, with the number of helpers that are of use
/// by then: that asks for more, lest some that were lost on their way are missed for long, and for
/// the first ones unless they are asked for `at_once`. `help` says whether it found anything to do,
/// and must not unwind.
///
/// A helper that comes to a thread which is inside an item leaves again, so that no thread begins
/// an item of a call while it is inside another item of the same call.
// Not generic over what it runs, so that a program has one copy of it.
pub(crate) fn run(
    pool: impl HelperPool,
    helpers: usize,
    at_once: bool,
    help: &(dyn Fn() -> bool + Sync),
    lead: &mut Lead<'_>,
) {
    let mut share = |board: &Arc<IdleHelpers>| {
        Door::open(&help, helpers, |door| {
            if at_once {
                board.post(pool, door);
                ask(pool, board, door);
            }
            let ask_again = |helpers| {
                door.widen(helpers);
                if !door.expects_helpers() {
                    ask(pool, board, door);
                }
            };
            busy(|| lead(&ask_again));
        });
    };
    // A thread that is about to end has no board any more, but may still make calls.
    if IDLE_HELPERS.try_with(&mut share).is_err() {
        share(&Arc::default());
    }
}

/// Lets the pool use the calling thread, which is one of its own and has to wait, or waits a little.
pub(crate) fn yield_to(pool: impl HelperPool) {
    if !pool.yield_now() {
        respawn_deferred();
        sleep(Duration::from_micros(20));
    }
}

/// Whether a helper of the `pool` with this [`id`](Pool::id) is awake for the next call of this
/// thread.
pub(crate) fn has_idle_helper(pool: usize) -> bool {
    let has_idle_helper = |board: &Arc<IdleHelpers>| {
        let is_ours = board.pool.load(Ordering::Relaxed) == pool;
        is_ours && board.free() + board.yielding.load(Ordering::Relaxed) > 0
    };
    IDLE_HELPERS.try_with(has_idle_helper).unwrap_or(false)
}

/// Takes note of a call that this thread did alone though it was long enough to share, and has a
/// helper of the `pool`, if there is one, come for the next ones if they follow each other closely.
pub(crate) fn note_serial_call<P: HelperPool>(
    began: Instant,
    ended: Instant,
    pool: impl FnOnce() -> Option<P>,
) {
    thread_local! {
        static STREAK: Cell<(Option<Instant>, Duration)> = Cell::default();
    }
    let (last, mut streak) = STREAK.with(Cell::get);
    if last.is_none_or(|last| began - last > LINGER / 2) {
        streak = Duration::ZERO;
    }
    streak += ended - began;
    if streak > ALONE {
        streak = Duration::ZERO;
        if let Some(pool) = pool() {
            wake(pool);
        }
    }
    STREAK.with(|cell| cell.set((Some(ended), streak)));
}

/// Has a helper come that stays for the next call, unless one is on its way.
fn wake(pool: impl HelperPool) {
    /// Says that none is on its way any more, also when the pool has dropped the job.
    struct OnItsWay(Arc<IdleHelpers>);
    impl Drop for OnItsWay {
        fn drop(&mut self) {
            self.0.waking.store(false, Ordering::Relaxed);
        }
    }
    let Ok(board) = IDLE_HELPERS.try_with(Arc::clone) else {
        return;
    };
    if !board.waking.swap(true, Ordering::Relaxed) {
        let on_its_way = OnItsWay(Arc::clone(&board));
        pool.spawn(move || {
            drop(on_its_way);
            help_then_linger(pool, &board, None);
        });
    }
}

/// Asks for a helper, if there are fewer than there may be.
fn ask(pool: impl HelperPool, board: &Arc<IdleHelpers>, door: &Arc<Door>) {
    if door.lacks_helpers() {
        let (board, expected) = (Arc::clone(board), Door::expect(door));
        pool.spawn(move || help_then_linger(pool, &board, Some(expected)));
    }
}

/// A helper's visit: the call it was asked to, and those that follow soon.
fn help_then_linger(pool: impl HelperPool, board: &Arc<IdleHelpers>, asked: Option<PendingHelper>) {
    if is_busy() {
        if let Some(asked) = asked {
            redirect(pool, board, asked);
        }
        return;
    }
    let help = |door: &Arc<Door>, asked: Option<PendingHelper>| {
        // It asks for two more before it works, so that the caller pays for one wake-up, and all
        // are awake after as many steps as their number has binary digits.
        ask(pool, board, door);
        ask(pool, board, door);
        // In this order: whoever counts meanwhile counts one too few and asks for one too many, who
        // finds no room. One too many counted, and somebody would be missing for good.
        drop(asked);
        let inside = Door::enter(door)?;
        Some(busy(|| inside.help()))
    };
    let stay = Linger::begin(pool, board, asked.is_some());
    let came = asked.map(|asked| {
        let door = Arc::clone(asked.door());
        help(&door, Some(asked))
    });
    let Some(mut stay) = stay else {
        if STAYS.with(Cell::get) {
            // This is what the pool had to do in the middle of that.
            ASKED.with(|asked| asked.set(Some(came.flatten() == Some(true))));
        }
        return;
    };
    if let Some(came) = came {
        // Whoever finds the door closed is late; there is no hot loop to stay for.
        stay.has_helped(came.is_some());
    }
    while let Some((door, promised)) = stay.wait(pool) {
        stay.has_helped(help(&door, promised) == Some(true));
    }
    let comes_back = stay.comes_back;
    drop(stay);
    if comes_back {
        let board = Arc::clone(board);
        pool.spawn(move || help_then_linger(pool, &board, None));
    }
}

/// Has another thread come in place of this one, which waits for something and runs what the pool
/// has meanwhile. The caller may wait for a helper that is lost here.
fn redirect(pool: impl HelperPool, board: &Arc<IdleHelpers>, mut asked: PendingHelper) {
    let has_time = asked.hand_on();
    let board = Arc::clone(board);
    let again = move || pool.spawn(move || help_then_linger(pool, &board, Some(asked)));
    if has_time {
        again();
        return;
    }
    // Whatever it is that this thread waits for may come behind that in the pool.
    DEFERRED.with(|aside| {
        let mut jobs = aside.take();
        jobs.push(Box::new(again));
        aside.set(jobs);
    });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::panic;
    use std::sync::{Barrier, mpsc};
    use std::thread;

    use super::*;
    use crate::sync::{AtomicUsize, Mutex};

    /// Plain threads, each job on a new one.
    #[derive(Clone, Copy)]
    struct Threads;

    impl HelperPool for Threads {
        fn spawn(self, job: impl FnOnce() + Send + 'static) {
            thread::spawn(job);
        }

        fn yield_now(self) -> bool {
            false
        }

        fn id(self) -> usize {
            0
        }
    }

    /// A pool whose threads come when they are told to.
    #[derive(Clone, Copy)]
    struct Late;

    static LATE: Mutex<Vec<Box<dyn FnOnce() + Send>>> = Mutex::new(Vec::new());

    impl HelperPool for Late {
        fn spawn(self, job: impl FnOnce() + Send + 'static) {
            LATE.lock().unwrap().push(Box::new(job));
        }

        fn yield_now(self) -> bool {
            false
        }

        fn id(self) -> usize {
            0
        }
    }

    #[test]
    fn as_many_helpers_come_as_are_wanted() {
        for helpers in [0, 1, 2, 3, 7, 20] {
            let everybody = Barrier::new(helpers + 1);
            let came = AtomicUsize::new(0);
            let help = || {
                // When one has left, another may come before the door is closed.
                if came.fetch_add(1, Ordering::Relaxed) < helpers {
                    everybody.wait();
                }
                true
            };
            run(Threads, helpers, true, &help, &mut |_| _ = everybody.wait());
            assert!(came.into_inner() >= helpers);
        }
    }

    /// Calls `run` with a lead that ends, and unwinds if it should, while a helper is inside.
    fn leave_a_helper_inside(unwinds: bool) {
        let (inside, came, left) = (Barrier::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        let help = || {
            if came.fetch_add(1, Ordering::Relaxed) == 0 {
                inside.wait();
                thread::sleep(Duration::from_micros(500));
            }
            left.fetch_add(1, Ordering::Relaxed);
            true
        };
        let mut lead = |_: &dyn Fn(usize)| {
            inside.wait();
            if unwinds {
                panic::resume_unwind(Box::new("on purpose"));
            }
        };
        let ran = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            run(Threads, 1, true, &help, &mut lead);
        }));
        assert_eq!(ran.is_err(), unwinds);
        assert_eq!(left.into_inner(), came.into_inner());
        assert!(!is_busy());
    }

    #[test]
    fn the_caller_waits_for_who_is_inside() {
        (0..100).for_each(|_| leave_a_helper_inside(false));
    }

    #[test]
    fn the_caller_waits_also_when_it_unwinds() {
        (0..20).for_each(|_| leave_a_helper_inside(true));
    }

    #[test]
    fn late_helpers_find_the_door_closed() {
        let calls = AtomicUsize::new(0);
        run(
            Late,
            3,
            true,
            &|| calls.fetch_add(1, Ordering::Relaxed) == 0,
            &mut |_| (),
        );
        let late: Vec<_> = LATE.lock().unwrap().drain(..).collect();
        assert_eq!(late.len(), 1, "the first helper asks for the others");
        for job in late {
            job();
        }
        assert_eq!(calls.into_inner(), 0);
        assert!(LATE.lock().unwrap().is_empty());
    }

    #[test]
    fn a_helper_that_finds_only_a_busy_thread_is_not_lost() {
        /// Its threads come when they are told to, and the last that was asked for comes first.
        #[derive(Clone, Copy)]
        struct Stack;
        static STACK: Mutex<Vec<Box<dyn FnOnce() + Send>>> = Mutex::new(Vec::new());
        impl HelperPool for Stack {
            fn spawn(self, job: impl FnOnce() + Send + 'static) {
                STACK.lock().unwrap().push(Box::new(job));
            }

            fn yield_now(self) -> bool {
                let job = STACK.lock().unwrap().pop();
                job.map(|job| job()).is_some()
            }

            fn id(self) -> usize {
                0
            }
        }
        let came = AtomicUsize::new(0);
        let help = || came.fetch_add(1, Ordering::Relaxed) > 0;
        run(Stack, 1, true, &help, &mut |_| {
            // What it waits for comes in the end, although the helper stands before it.
            let mut others = 0;
            while Stack.yield_now() {
                others += 1;
            }
            assert!(others > 0);
            for _ in 0..3 {
                yield_to(Stack);
            }
            respawn_deferred();
            let job = STACK.lock().unwrap().pop().unwrap();
            thread::spawn(job).join().unwrap();
        });
        assert_eq!(came.into_inner(), 1);
    }

    #[test]
    fn a_helper_does_not_come_to_a_busy_thread() {
        /// Runs the job at once, where it is asked for: on the thread of the caller.
        #[derive(Clone, Copy)]
        struct Here;
        impl HelperPool for Here {
            fn spawn(self, job: impl FnOnce() + Send + 'static) {
                job();
            }

            fn yield_now(self) -> bool {
                false
            }

            fn id(self) -> usize {
                0
            }
        }
        let calls = mpsc::channel();
        let help = || calls.0.send(()).is_ok();
        busy(|| run(Here, 4, true, &help, &mut |_| ()));
        assert!(calls.1.try_recv().is_err());
        assert!(!is_busy());
    }
}
