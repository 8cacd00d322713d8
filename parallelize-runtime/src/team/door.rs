//! The door of a team: helpers from elsewhere may work on what the caller has on its stack.
//!
//! # Why this is sound
//!
//! The work lives on the caller's stack, and a helper may come at any time, also after the caller
//! has gone home. One atomic word of the [`Door`] decides who may still go in:
//!
//! - **In only while open.** [`Door::enter`] counts a helper in, unless the door is closed. A
//!   helper that finds it closed leaves, and has touched nothing but the door, which it co-owns.
//! - **Closed for good.** Once [`Door::close_and_wait`] has set the bit, the count only falls.
//! - **The caller outlives its helpers.** [`Door::open`] returns, or unwinds, only when the count
//!   is zero, so the work is there as long as a helper is inside.

use std::ptr::NonNull;

use crate::sync::{Arc, AtomicUsize, Ordering, thread};

/// The bit of [`Door::state`] that says closed; the rest counts who is inside, in steps of [`ONE`].
const CLOSED: usize = 1;
const ONE: usize = 2;

/// Looks at the state before a caller whose helpers are still inside goes to sleep: a few
/// microseconds.
const SPINS: usize = if cfg!(all(test, loom)) { 0 } else { 200 };

/// What decides who may work on a call.
pub(crate) struct Door {
    state: AtomicUsize,
    /// How many may be inside. Relaxed, as it only limits who is of use.
    most: AtomicUsize,
    /// How many helpers are on their way, asked for or promised.
    asked: AtomicUsize,
    caller: thread::Thread,
    /// The caller's closure, whose type and lifetime are forgotten here, and how to call it.
    help: NonNull<()>,
    call: unsafe fn(NonNull<()>) -> bool,
}

// SAFETY: `help` was a `&(impl Fn() -> bool + Sync)`, which threads may share; it is followed by
// those inside only.
unsafe impl Send for Door {}
// SAFETY: as above.
unsafe impl Sync for Door {}

impl Door {
    /// Runs `lead` with a door through which up to `most` other threads at a time may call `help`;
    /// returns when the last of them has left.
    pub(crate) fn open<F: Fn() -> bool + Sync>(
        help: &F,
        most: usize,
        lead: impl FnOnce(&Arc<Self>),
    ) {
        /// # Safety
        ///
        /// `help` comes from a `&F` that is still borrowed.
        unsafe fn call<F: Fn() -> bool>(help: NonNull<()>) -> bool {
            // SAFETY: the caller's.
            let help = unsafe { help.cast::<F>().as_ref() };
            help()
        }
        let door = Arc::new(Self {
            state: AtomicUsize::new(0),
            most: AtomicUsize::new(most),
            asked: AtomicUsize::new(0),
            caller: thread::current(),
            help: NonNull::from(help).cast(),
            call: call::<F>,
        });
        // Also when `lead` unwinds.
        let _closing = CloseOnDrop(&door);
        lead(&door);
    }

    /// Lets no fewer than `most` in at a time from now on.
    pub(crate) fn widen(&self, most: usize) {
        if most > self.most.load(Ordering::Relaxed) {
            self.most.store(most, Ordering::Relaxed);
        }
    }

    /// Whether more may come in than are inside or on their way.
    pub(crate) fn lacks_helpers(&self) -> bool {
        // Acquire: pairs with the release of whoever goes in, who is not counted as asked any more.
        // Otherwise relaxed, as everything about `asked`: it only guides who is asked.
        let state = self.state.load(Ordering::Acquire);
        let coming = self.asked.load(Ordering::Relaxed);
        state & CLOSED == 0 && state / ONE + coming < self.most.load(Ordering::Relaxed)
    }

    /// Whether a helper is on its way.
    pub(crate) fn expects_helpers(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 0
    }

    /// Counts a helper that is asked to come, until it has come or turned yielding.
    pub(crate) fn expect(door: &Arc<Self>) -> PendingHelper {
        door.promise(1);
        Self::promised(door)
    }

    /// Counts so many helpers that will come unasked, each of them as one of the
    /// [`promised`](Self::promised).
    pub(crate) fn promise(&self, helpers: usize) {
        self.asked.fetch_add(helpers, Ordering::Relaxed);
    }

    /// A helper that is counted already.
    pub(crate) fn promised(door: &Arc<Self>) -> PendingHelper {
        PendingHelper {
            door: Arc::clone(door),
            hops: 0,
        }
    }

    /// Goes in, unless the door is closed or enough are inside.
    pub(crate) fn enter(door: &Arc<Self>) -> Option<Inside<'_>> {
        // Release for `lacks_helpers` only. All changes of one word have one order, so either this
        // comes before the closing, which then counts us, or it sees the door closed. What the caller
        // wrote before came with the job or the news of the door, by way of a pool or a lock.
        let most = door.most.load(Ordering::Relaxed);
        door.state
            .fetch_update(Ordering::Release, Ordering::Relaxed, |state| {
                let open = state & CLOSED == 0 && state / ONE < most;
                open.then_some(state + ONE)
            })
            .ok()
            .map(|_| Inside(door))
    }

    /// Closes the door and waits until nobody is inside.
    fn close_and_wait(&self) {
        // Acquire, here and below: pairs with the release of whoever leaves, so that what was done
        // inside is seen.
        if self.state.fetch_or(CLOSED, Ordering::Acquire) == 0 {
            return;
        }
        for _ in 0..SPINS {
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

/// Closes the door when the caller is done.
struct CloseOnDrop<'d>(&'d Door);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close_and_wait();
    }
}

/// A helper on its way.
pub(crate) struct PendingHelper {
    door: Arc<Door>,
    /// How many threads have handed this on.
    hops: usize,
}

/// So many threads may hand on at once what one helper was asked for, or one thread so often.
const MAX_HOPS: usize = 64;

impl PendingHelper {
    /// Where to.
    pub(crate) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Counts a thread that hops this on: whether it may do so at once.
    pub(crate) fn hand_on(&mut self) -> bool {
        self.hops += 1;
        self.hops <= MAX_HOPS
    }
}

impl Drop for PendingHelper {
    fn drop(&mut self) {
        self.door.asked.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A helper that has been counted in.
pub(crate) struct Inside<'d>(&'d Door);

impl Inside<'_> {
    /// Calls what the caller of the door has lent.
    pub(crate) fn help(&self) -> bool {
        // SAFETY: `help` was a `&F` for the `F` of `call`, and it is still borrowed: we are inside,
        // and `Door::open` does not return before we have left.
        unsafe { (self.0.call)(self.0.help) }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        // Release: pairs with the acquires of `close_and_wait`. From here on only the door may be
        // touched.
        if self.0.state.fetch_sub(ONE, Ordering::Release) == CLOSED + ONE {
            self.0.caller.unpark();
        }
    }
}

#[cfg(all(test, loom))]
mod models {
    use loom::cell::UnsafeCell;

    use super::*;

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

    /// What the caller lends is there for as long as a helper is inside, and what the helper did is
    /// seen afterwards.
    fn door(helpers: usize) {
        let mut model = loom::model::Builder::new();
        // With two helpers all schedules are too many; errors show with few preemptions if they
        // show at all.
        model.preemption_bound = (helpers > 1).then_some(3);
        model.check(move || {
            let lent: Vec<_> = (0..=helpers).map(|_| Watched(UnsafeCell::new(0))).collect();
            let next = AtomicUsize::new(0);
            let work = || {
                let mine = next.fetch_add(1, Ordering::Relaxed);
                lent[mine].update(|number| number + 1) > 0
            };
            Door::open(&work, helpers, |door| {
                for _ in 0..helpers {
                    let door = Arc::clone(door);
                    thread::spawn(move || Door::enter(&door).map(|inside| inside.help()));
                }
                work();
            });
            // The caller's alone again: a helper that is still at it, or was and is not ordered
            // before, is reported.
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
