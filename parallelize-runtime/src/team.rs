//! Who works on a call: the thread that makes it, and helpers from a pool behind a door that closes.
//!
//! # Why the door is sound
//!
//! The work lives on the caller's stack, and a helper may come at any time, also after the caller has gone home. One
//! atomic word of the [`Door`] decides who may still go in:
//!
//! - **In only while open.** [`Door::enter`] counts a helper in, unless the door is closed. A helper that finds it
//!   closed leaves, and has touched nothing but the door, which it co-owns.
//! - **Closed for good.** Once [`Door::close_and_wait`] has set the bit, the count only falls.
//! - **The caller outlives its helpers.** It returns, or unwinds, only when the count is zero, so the work is there as
//!   long as a helper is inside.
//!
//! The caller never waits for a helper that has not come in, so a busy pool cannot hold it up.

use std::cell::Cell;
use std::ptr::NonNull;

use crate::sync::{Arc, AtomicUsize, Ordering, thread, thread_local};

/// Where helpers come from.
pub(crate) trait Pool: Copy + Send + 'static {
    /// Has a thread of the pool run `job` at some time, or drops it.
    fn spawn(self, job: impl FnOnce() + Send + 'static);
}

/// Runs `lead` on the calling thread, and `help` on up to `helpers` threads of `pool` while it lasts; returns when the
/// last of them has.
///
/// `help` must not unwind. A helper that comes to a thread which is inside an item leaves again, so that no thread
/// begins an item of a call while it is inside another item of the same call.
pub(crate) fn run(pool: impl Pool, helpers: usize, help: &(impl Fn() + Sync), lead: impl FnOnce()) {
    // SAFETY: `closing` keeps `help` borrowed until the door is closed and everybody has left.
    let door = Arc::new(unsafe { Door::new(help, helpers) });
    let closing = Closing(&door);
    call_helper(pool, &door);
    busy(lead);
    drop(closing);
}

/// Asks for a helper, if one is still wanted; it asks for two more before it works, so that the caller pays for one
/// wake-up and `n` helpers are awake after `log n` of them.
fn call_helper(pool: impl Pool, door: &Arc<Door>) {
    if !door.wants_helper() {
        return;
    }
    let door = Arc::clone(door);
    pool.spawn(move || {
        if is_busy() {
            return;
        }
        if let Some(inside) = Door::enter(&door) {
            call_helper(pool, &door);
            call_helper(pool, &door);
            busy(|| inside.help());
        }
    });
}

thread_local! {
    /// Whether this thread is inside a call.
    static BUSY: Cell<bool> = Cell::default();
}

fn is_busy() -> bool {
    BUSY.with(Cell::get)
}

/// Marks the thread as busy while `work` runs.
fn busy(work: impl FnOnce()) {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            BUSY.with(|busy| busy.set(self.0));
        }
    }
    let _restore = Restore(BUSY.with(|busy| busy.replace(true)));
    work();
}

/// The bit of [`Door::state`] that says closed; the rest counts who is inside, in steps of [`ONE`].
const CLOSED: usize = 1;
const ONE: usize = 2;

/// Looks at the state before a caller whose helpers are still inside goes to sleep: a few microseconds.
const LOOKS: usize = if cfg!(loom) { 0 } else { 200 };

struct Door {
    state: AtomicUsize,
    wanted: AtomicUsize,
    caller: thread::Thread,
    /// The caller's closure, whose type and lifetime are forgotten here, and how to call it.
    help: NonNull<()>,
    call: unsafe fn(NonNull<()>),
}

// SAFETY: `help` was a `&(impl Fn() + Sync)`, which threads may share; it is followed by those inside only.
unsafe impl Send for Door {}
// SAFETY: as above.
unsafe impl Sync for Door {}

impl Door {
    /// An open door of the calling thread.
    ///
    /// # Safety
    ///
    /// `help` must live until [`Door::close_and_wait`] has returned.
    unsafe fn new<F: Fn() + Sync>(help: &F, helpers: usize) -> Self {
        /// # Safety
        ///
        /// `help` comes from a `&F` that is still borrowed.
        unsafe fn call<F: Fn()>(help: NonNull<()>) {
            // SAFETY: the caller's.
            let help = unsafe { help.cast::<F>().as_ref() };
            help();
        }
        Self {
            state: AtomicUsize::new(0),
            wanted: AtomicUsize::new(helpers),
            caller: thread::current(),
            help: NonNull::from(help).cast(),
            call: call::<F>,
        }
    }

    /// Counts one wanted helper off, if the door is open and one is wanted.
    fn wants_helper(&self) -> bool {
        // Both relaxed: they only save wake-ups.
        self.state.load(Ordering::Relaxed) & CLOSED == 0
            && self
                .wanted
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |wanted| {
                    wanted.checked_sub(1)
                })
                .is_ok()
    }

    /// Goes in, unless the door is closed.
    fn enter(door: &Arc<Self>) -> Option<Inside<'_>> {
        // Relaxed: all changes of one word have one order, so either this comes before the closing, which then counts
        // us, or it sees the door closed. What the caller wrote before came with the job, by way of the pool.
        door.state
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |state| {
                (state & CLOSED == 0).then_some(state + ONE)
            })
            .ok()
            .map(|_| Inside(door))
    }

    /// Closes the door and waits until nobody is inside.
    fn close_and_wait(&self) {
        // Acquire, here and below: pairs with the release of whoever leaves, so that what was done inside is seen.
        if self.state.fetch_or(CLOSED, Ordering::Acquire) == 0 {
            return;
        }
        for _ in 0..LOOKS {
            if self.state.load(Ordering::Acquire) == CLOSED {
                return;
            }
            std::hint::spin_loop();
        }
        while self.state.load(Ordering::Acquire) != CLOSED {
            thread::park();
        }
    }
}

/// Closes the door when the caller is done, also by unwinding.
struct Closing<'d>(&'d Door);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close_and_wait();
    }
}

/// A helper that has been counted in.
struct Inside<'d>(&'d Door);

impl Inside<'_> {
    fn help(&self) {
        // SAFETY: we are inside, so the door's caller still lends `help` (`Door::new`), of the type that `call` knows.
        unsafe { (self.0.call)(self.0.help) };
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        // Release: pairs with the acquires of `close_and_wait`. From here on only the door may be touched.
        if self.0.state.fetch_sub(ONE, Ordering::Release) == CLOSED + ONE {
            self.0.caller.unpark();
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::panic;
    use std::sync::{Barrier, Mutex, mpsc};
    use std::time::Duration;

    use super::*;

    /// Plain threads, each job on a new one.
    #[derive(Clone, Copy)]
    struct Threads;

    impl Pool for Threads {
        fn spawn(self, job: impl FnOnce() + Send + 'static) {
            thread::spawn(job);
        }
    }

    /// A pool whose threads come when they are told to.
    #[derive(Clone, Copy)]
    struct Late;

    static LATE: Mutex<Vec<Box<dyn FnOnce() + Send>>> = Mutex::new(Vec::new());

    impl Pool for Late {
        fn spawn(self, job: impl FnOnce() + Send + 'static) {
            LATE.lock().unwrap().push(Box::new(job));
        }
    }

    #[test]
    fn as_many_helpers_come_as_are_wanted() {
        for helpers in [0, 1, 2, 3, 7, 20] {
            let everybody = Barrier::new(helpers + 1);
            let came = AtomicUsize::new(0);
            let help = || {
                came.fetch_add(1, Ordering::Relaxed);
                everybody.wait();
            };
            run(Threads, helpers, &help, || _ = everybody.wait());
            assert_eq!(came.into_inner(), helpers);
        }
    }

    #[test]
    fn the_caller_waits_for_who_is_inside() {
        for _ in 0..100 {
            let (inside, left) = (Barrier::new(2), AtomicUsize::new(0));
            let help = || {
                inside.wait();
                thread::sleep(Duration::from_micros(200));
                left.store(1, Ordering::Relaxed);
            };
            run(Threads, 1, &help, || _ = inside.wait());
            assert_eq!(left.into_inner(), 1);
        }
    }

    #[test]
    fn the_caller_waits_also_when_it_unwinds() {
        let (inside, left) = (Barrier::new(2), AtomicUsize::new(0));
        let help = || {
            inside.wait();
            thread::sleep(Duration::from_millis(5));
            left.store(1, Ordering::Relaxed);
        };
        let lead = || {
            inside.wait();
            panic::resume_unwind(Box::new("on purpose"));
        };
        let unwound = panic::catch_unwind(panic::AssertUnwindSafe(|| run(Threads, 1, &help, lead)));
        assert!(unwound.is_err());
        assert_eq!(left.into_inner(), 1);
        assert!(!is_busy());
    }

    #[test]
    fn late_helpers_find_the_door_closed() {
        let calls = AtomicUsize::new(0);
        run(
            Late,
            3,
            &|| _ = calls.fetch_add(1, Ordering::Relaxed),
            || (),
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
    fn a_helper_does_not_come_to_a_busy_thread() {
        /// Runs the job at once, where it is asked for: on the thread of the caller.
        #[derive(Clone, Copy)]
        struct Here;
        impl Pool for Here {
            fn spawn(self, job: impl FnOnce() + Send + 'static) {
                job();
            }
        }
        let calls = mpsc::channel();
        let help = || calls.0.send(()).unwrap();
        busy(|| run(Here, 4, &help, || ()));
        assert!(calls.1.try_recv().is_err());
        assert!(!is_busy());
    }
}

#[cfg(all(test, loom))]
mod models {
    use loom::cell::UnsafeCell;

    use super::*;

    #[derive(Clone, Copy)]
    struct Threads;

    impl Pool for Threads {
        fn spawn(self, job: impl FnOnce() + Send + 'static) {
            thread::spawn(job);
        }
    }

    /// A number that loom watches: it reports any two accesses that are not ordered.
    struct Watched(UnsafeCell<usize>);

    // SAFETY: loom itself checks that no two threads use it at once.
    unsafe impl Sync for Watched {}

    impl Watched {
        fn update(&self, change: impl FnOnce(usize) -> usize) -> usize {
            // SAFETY: loom checks it.
            self.0.with_mut(|number| unsafe {
                *number = change(*number);
                *number
            })
        }
    }

    /// What the caller lends is there for as long as a helper is inside, and what the helper did is seen afterwards.
    fn door(helpers: usize) {
        let mut model = loom::model::Builder::new();
        // With two helpers all schedules are too many; errors show with few preemptions if they show at all.
        model.preemption_bound = (helpers > 1).then_some(3);
        model.check(move || {
            let lent: Vec<_> = (0..=helpers).map(|_| Watched(UnsafeCell::new(0))).collect();
            let next = AtomicUsize::new(0);
            let work = || {
                let mine = next.fetch_add(1, Ordering::Relaxed);
                lent[mine].update(|number| number + 1);
            };
            run(Threads, helpers, &work, &work);
            // The caller's alone again: a helper that is still at it, or was and is not ordered before, is reported.
            let done: usize = lent.iter().map(|lent| lent.update(|number| number)).sum();
            assert_eq!(done, next.load(Ordering::Relaxed));
            assert!((1..=helpers + 1).contains(&done));
        });
    }

    #[test]
    fn loom_one_helper() {
        door(1);
    }

    #[test]
    fn loom_two_helpers() {
        door(2);
    }
}
