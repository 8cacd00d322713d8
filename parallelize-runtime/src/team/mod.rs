//! The threads that work on a call: the caller, and helpers from a pool.
//!
//! The caller works from the first moment and never waits for a helper that has not arrived. A
//! helper that is done does not return to its pool at once. It lingers with the caller, so that the
//! calls of a hot loop find it awake.
//!
//! This room may use no other room.
//!
#![doc = include_str!("README.md")]

mod door;
mod helper;
mod idle_helpers;
mod late;
mod linger;
mod own_pool;
mod pool;
mod thread;
mod waiting_jobs;

use std::cell::Cell;
use std::time::{Duration, Instant};

use door::Door;
pub(crate) use door::Request;
use helper::{request, request_instead, wake};
use idle_helpers::{IDLE_HELPERS, IdleHelpers};
use late::LateHelper;
use linger::LINGER;
pub(crate) use own_pool::say_once;
pub(crate) use pool::{HelperPool, Pool};
use thread::in_call;
#[cfg(feature = "cluster")]
pub(crate) use thread::is_in_call;
pub(crate) use thread::request_deferred;

use crate::sync::{Arc, thread_local};

/// Bounds the time that a caller works alone, over calls that follow each other closely. Then it
/// requests a helper for the next ones.
const LONGEST_SERIAL_STREAK: Duration = Duration::from_micros(100);

/// The caller's part. It receives a function that requests helpers, up to a number.
type Lead<'l> = dyn FnMut(&dyn Fn(usize)) + 'l;

/// Runs `lead` on the calling thread and, meanwhile, `help` on up to `helpers` threads of `pool`.
/// Returns when the last of them has left.
///
/// `lead` receives a function `request`. It should call `request` from time to time with the number
/// of helpers that are useful by then. `request` requests a helper if there are fewer and none is
/// pending, and another one once if one is late. So a helper that got lost on its way is soon
/// replaced. If `at_once` is set, the first helper is requested before `lead` starts.
///
/// `help` receives a function by which the helper comes back after it has left. `help` returns
/// whether it found anything to do, and must not unwind.
///
/// No foreign job of the pool runs inside `help`, unless an item itself waits in the pool. So the
/// caller waits for items, and for nothing else.
///
/// A helper that arrives on a thread which is inside an item leaves again. So no thread begins an
/// item of a call while it is inside another item of that call.
// Not generic over what it runs, so that a program has one copy of it.
pub(crate) fn run(
    pool: impl HelperPool,
    helpers: usize,
    at_once: bool,
    help: &(dyn Fn(Request<'_>) -> bool + Sync),
    lead: &mut Lead<'_>,
) {
    let mut share = |idle_helpers: &Arc<IdleHelpers>| {
        Door::open(&help, helpers, |door| {
            if at_once {
                idle_helpers.post(pool.id(), door);
                request(pool, idle_helpers, door);
            }
            let late = LateHelper::default();
            let request_again = |helpers| {
                door.resize(helpers);
                if !door.has_pending() {
                    request(pool, idle_helpers, door);
                } else if late.is_noticed() {
                    request_instead(pool, idle_helpers, door);
                }
            };
            in_call(|| lead(&request_again));
        });
    };
    // A thread that is about to end has lost its thread-local, but may still make calls.
    if IDLE_HELPERS.try_with(&mut share).is_err() {
        share(&Arc::default());
    }
    STREAK.with(|cell| cell.set((Some(Instant::now()), Duration::ZERO)));
}

/// Returns whether a helper of the `pool` with this [`id`](HelperPool::id) is awake for the next
/// call of this thread.
pub(crate) fn has_idle_helper(pool: usize) -> bool {
    let has_idle = |idle_helpers: &Arc<IdleHelpers>| idle_helpers.has_idle(pool);
    IDLE_HELPERS.try_with(has_idle).unwrap_or(false)
}

thread_local! {
    /// When the last long call of this thread ended, and how long this thread has worked alone in
    /// those that followed each other closely.
    static STREAK: Cell<(Option<Instant>, Duration)> = Cell::default();
}

/// Returns whether a long call of this thread ended within the last `time`.
pub(crate) fn was_in_call_within(time: Duration) -> bool {
    let last = STREAK.with(Cell::get).0;
    last.is_some_and(|last| last.elapsed() < time)
}

/// Notes a call that this thread ran alone though it was long enough to share. If such calls follow
/// each other closely, requests a helper of the `pool`, if there is one, for the next ones.
pub(crate) fn note_serial_call<P: HelperPool>(
    began: Instant,
    ended: Instant,
    pool: impl FnOnce() -> Option<P>,
) {
    let (last, mut streak) = STREAK.with(Cell::get);
    let elapsed = ended - began;
    streak = match last {
        Some(last) if began - last <= LINGER / 2 => streak + elapsed,
        // One call is no streak, however long it is.
        _ => elapsed.min(LONGEST_SERIAL_STREAK),
    };
    if streak > LONGEST_SERIAL_STREAK {
        streak = Duration::ZERO;
        if let Some(pool) = pool() {
            wake(pool);
        }
    }
    STREAK.with(|cell| cell.set((Some(ended), streak)));
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::panic;
    use std::sync::{Barrier, mpsc};
    use std::thread;

    use super::thread::is_in_call;
    use super::*;
    use crate::sync::{AtomicUsize, Mutex, Ordering};

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

    /// A pool that runs a job when the test takes it from [`LATE`].
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
    fn as_many_helpers_come_as_are_requested() {
        for helpers in [0, 1, 2, 3, 7, 20] {
            let all = Barrier::new(helpers + 1);
            let came = AtomicUsize::new(0);
            let help = |_: Request<'_>| {
                // When one has left, another may come before the door is closed.
                if came.fetch_add(1, Ordering::Relaxed) < helpers {
                    all.wait();
                }
                true
            };
            run(Threads, helpers, true, &help, &mut |_| _ = all.wait());
            assert!(came.into_inner() >= helpers);
        }
    }

    /// Calls `run` with a lead that ends, and unwinds if it should, while a helper is inside.
    fn leave_a_helper_inside(unwinds: bool) {
        let (inside, came, left) = (Barrier::new(2), AtomicUsize::new(0), AtomicUsize::new(0));
        let help = |_: Request<'_>| {
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
        assert!(!is_in_call());
    }

    #[test]
    fn the_caller_waits_for_helpers_inside() {
        (0..100).for_each(|_| leave_a_helper_inside(false));
    }

    #[test]
    fn the_caller_waits_when_it_unwinds() {
        (0..20).for_each(|_| leave_a_helper_inside(true));
    }

    #[test]
    fn late_helpers_find_the_door_closed() {
        let calls = AtomicUsize::new(0);
        run(
            Late,
            3,
            true,
            &|_| calls.fetch_add(1, Ordering::Relaxed) == 0,
            &mut |_| (),
        );
        let late: Vec<_> = LATE.lock().unwrap().drain(..).collect();
        assert_eq!(late.len(), 1, "the first helper requests the others");
        for job in late {
            job();
        }
        assert_eq!(calls.into_inner(), 0);
        assert!(LATE.lock().unwrap().is_empty());
    }

    #[test]
    fn a_helper_whose_job_is_dropped_is_requested_again() {
        /// Drops all jobs, and counts them.
        #[derive(Clone, Copy)]
        struct Dropping;
        static DROPPED: AtomicUsize = AtomicUsize::new(0);
        impl HelperPool for Dropping {
            fn spawn(self, _: impl FnOnce() + Send + 'static) {
                DROPPED.fetch_add(1, Ordering::Relaxed);
            }

            fn yield_now(self) -> bool {
                false
            }

            fn id(self) -> usize {
                0
            }
        }
        run(Dropping, 1, true, &|_| true, &mut |request| {
            (0..3).for_each(|_| request(1));
        });
        assert_eq!(DROPPED.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn another_thread_is_requested_in_place_of_a_late_helper() {
        /// Keeps the first job, and runs the others on new threads.
        #[derive(Clone, Copy)]
        struct Slow;
        static FIRST: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);
        impl HelperPool for Slow {
            fn spawn(self, job: impl FnOnce() + Send + 'static) {
                let mut first = FIRST.lock().unwrap();
                if first.is_none() {
                    *first = Some(Box::new(job));
                } else {
                    thread::spawn(job);
                }
            }

            fn yield_now(self) -> bool {
                false
            }

            fn id(self) -> usize {
                0
            }
        }
        let came = AtomicUsize::new(0);
        let help = |_: Request<'_>| came.fetch_add(1, Ordering::Relaxed) == 0;
        // Hangs if the caller counts on the first job.
        run(Slow, 1, true, &help, &mut |request| {
            while came.load(Ordering::Relaxed) == 0 {
                request(1);
            }
        });
        let first = FIRST.lock().unwrap().take().expect("the first job");
        first();
        assert_eq!(came.into_inner(), 1);
    }

    #[test]
    fn a_job_of_a_call_that_is_over_helps_in_the_next_one() {
        /// Keeps all jobs.
        #[derive(Clone, Copy)]
        struct Busy;
        static JOBS: Mutex<Vec<Box<dyn FnOnce() + Send>>> = Mutex::new(Vec::new());
        impl HelperPool for Busy {
            fn spawn(self, job: impl FnOnce() + Send + 'static) {
                JOBS.lock().unwrap().push(Box::new(job));
            }

            fn yield_now(self) -> bool {
                false
            }

            fn id(self) -> usize {
                0
            }
        }
        for _ in 0..100 {
            run(
                Busy,
                1,
                true,
                &|_| unreachable!("it is not begun"),
                &mut |_| (),
            );
        }
        assert_eq!(JOBS.lock().unwrap().len(), 1);
        let came = AtomicUsize::new(0);
        let help = |_: Request<'_>| came.fetch_add(1, Ordering::Relaxed) == 0;
        run(Busy, 1, true, &help, &mut |_| {
            let job = JOBS
                .lock()
                .unwrap()
                .pop()
                .expect("the job of the first call");
            thread::spawn(job).join().unwrap();
        });
        assert_eq!(came.into_inner(), 1);
        assert!(JOBS.lock().unwrap().is_empty());
    }

    #[test]
    fn a_helper_that_finds_only_a_thread_inside_an_item_is_not_lost() {
        /// Runs the last job first, on a thread that yields or that the test starts.
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
        let help = |_: Request<'_>| came.fetch_add(1, Ordering::Relaxed) > 0;
        run(Stack, 1, true, &help, &mut |_| {
            // It runs out of jobs in the end, although each run of the helper's puts it back first.
            let mut others = 0;
            while Stack.yield_now() {
                others += 1;
            }
            assert!(others > 0);
            request_deferred();
            let job = STACK.lock().unwrap().pop().unwrap();
            thread::spawn(job).join().unwrap();
        });
        assert_eq!(came.into_inner(), 1);
    }

    #[test]
    fn a_helper_does_not_help_on_a_thread_inside_a_call() {
        /// Runs a job at once, on the thread that requests it: the caller.
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
        let help = |_: Request<'_>| calls.0.send(()).is_ok();
        in_call(|| run(Here, 4, true, &help, &mut |_| ()));
        assert!(calls.1.try_recv().is_err());
        assert!(!is_in_call());
    }
}
