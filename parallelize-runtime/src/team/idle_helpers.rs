//! Helpers that stay with a caller between its calls.

use std::cell::Cell;
use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use super::door::{Door, PendingHelper};
use super::pool::HelperPool;
use super::thread::{ASKED, STAYS, is_busy};
use crate::sync::{Arc, AtomicBool, AtomicUsize, Mutex, Ordering, Padded, lock, thread_local};

/// How long a helper stays for the next call after one that it was of use in.
pub(super) const LINGER: Duration = Duration::from_micros(60);

/// How long it stays at most, call upon call: below it on the stack may be something that waits.
const LONGEST_LINGER: Duration = Duration::from_millis(5);

/// How long the pool waits at most until a helper that stays looks what else there is to do.
const YIELD_INTERVAL: Duration = Duration::from_millis(1);

/// How often a helper that stays looks for a call before it looks for other work: some
/// microseconds.
const SPINS: usize = 200;

thread_local! {
    /// Where helpers stay with this thread.
    pub(super) static IDLE_HELPERS: Arc<IdleHelpers> = Arc::default();
}

/// Where helpers that stay with a caller find its next call.
///
/// They look at `posts` all the time, so that has its cache line for itself.
#[derive(Default)]
pub(super) struct IdleHelpers {
    /// How many stay, and wait for a call or work on one. Changes under the lock only, so that
    /// whoever posts a call knows exactly who will see it.
    pub(super) staying: AtomicUsize,
    /// How many of them work on one. Grows under the lock only.
    pub(super) helping: AtomicUsize,
    /// How many others look what else there is to do, and will be back unless there is.
    pub(super) yielding: AtomicUsize,
    /// How many calls were posted. Changes under the lock only.
    pub(super) posts: Padded<AtomicUsize>,
    /// The pool of those who stay. Whoever goes to a call asks his own pool for more, and those of
    /// another would have to come for them in vain. Changes under the lock only.
    pub(super) pool: AtomicUsize,
    pub(super) latest: Mutex<Posting>,
    /// Whether a helper was asked to come and stay, and has not come yet.
    pub(super) waking: AtomicBool,
}

/// The latest post.
#[derive(Default)]
pub(super) struct Posting {
    door: Option<Arc<Door>>,
    /// How many of those that its door was promised have not gone there yet.
    owed: usize,
}

impl IdleHelpers {
    /// How many who stay are free for the next call of this thread, whose board this is.
    pub(super) fn free(&self) -> usize {
        let staying = self.staying.load(Ordering::Relaxed);
        if is_busy() {
            // Those who help may be inside the call that this one is part of.
            staying.saturating_sub(self.helping.load(Ordering::Relaxed))
        } else {
            // The call that they were inside is over.
            staying
        }
    }

    /// Shows `door` to all who stay, if they are of this pool, and promises it those who are free.
    pub(super) fn post(&self, pool: impl HelperPool, door: &Arc<Door>) {
        let mut latest = lock(&self.latest);
        // Nobody sees a post that another has followed. One of a call around this one still counts on
        // those who were promised.
        let is_taken = is_busy() && latest.owed > 0;
        if is_taken || self.pool.load(Ordering::Relaxed) != pool.id() {
            return;
        }
        let free = self.free();
        if free + self.yielding.load(Ordering::Relaxed) > 0 {
            door.promise(free);
            *latest = Posting {
                door: Some(Arc::clone(door)),
                owed: free,
            };
            self.posts.0.store(
                self.posts.0.load(Ordering::Relaxed).wrapping_add(1),
                Ordering::Relaxed,
            );
        }
    }
}

/// The door of a call, and the promise that a helper keeps by going there.
pub(super) type Call = (Arc<Door>, Option<PendingHelper>);

/// A helper's stay with a caller.
pub(super) struct Linger<'b> {
    board: &'b IdleHelpers,
    /// How many posts it has seen.
    seen: usize,
    /// Whether it is worth to stay on from now.
    pub(super) was_of_use: bool,
    /// When it ends if there is no further call that it is of use in.
    until: Instant,
    /// When it ends in any case.
    end: Instant,
    /// When to look for other work.
    give_way_at: Instant,
    /// Whether it is still worth to stay, and only had to end.
    pub(super) comes_back: bool,
}

impl<'b> Linger<'b> {
    /// Begins a stay, unless this thread is in the middle of another or helpers of another pool stay
    /// there; with a call if one `is_asked` to that.
    pub(super) fn begin(
        pool: impl HelperPool,
        board: &'b IdleHelpers,
        is_asked: bool,
    ) -> Option<Self> {
        if STAYS.with(Cell::get) {
            return None;
        }
        let now = Instant::now();
        let latest = lock(&board.latest);
        let others = board.staying.load(Ordering::Relaxed) + board.yielding.load(Ordering::Relaxed);
        if others == 0 {
            board.pool.store(pool.id(), Ordering::Relaxed);
        } else if board.pool.load(Ordering::Relaxed) != pool.id() {
            return None;
        }
        board.staying.fetch_add(1, Ordering::Relaxed);
        board.helping.fetch_add(is_asked.into(), Ordering::Relaxed);
        let seen = board.posts.0.load(Ordering::Relaxed);
        drop(latest);
        STAYS.with(|stays| stays.set(true));
        Some(Self {
            board,
            seen,
            was_of_use: !is_asked,
            until: now,
            end: now + LONGEST_LINGER,
            give_way_at: now + YIELD_INTERVAL,
            comes_back: false,
        })
    }

    /// Is free again, after a call that it may have been of use in.
    pub(super) fn has_helped(&mut self, was_of_use: bool) {
        self.board.helping.fetch_sub(1, Ordering::Relaxed);
        self.was_of_use |= was_of_use;
    }

    /// The next call, unless there is none in time or the pool has other work.
    pub(super) fn wait(&mut self, pool: impl HelperPool) -> Option<Call> {
        loop {
            let now = Instant::now();
            if mem::take(&mut self.was_of_use) {
                self.until = now + LINGER;
            }
            let is_over = now > self.until;
            if is_over || now > self.give_way_at {
                // Not while anybody counts on us: it may take long.
                if let Some(call) = self.leave() {
                    return Some(call);
                }
                self.comes_back = !is_over && self.give_way(pool);
                if !self.comes_back || now > self.end {
                    self.board.yielding.fetch_sub(1, Ordering::Relaxed);
                    return None;
                }
                self.give_way_at = now + YIELD_INTERVAL;
                self.come_back();
            }
            for _ in 0..SPINS {
                if self.is_awaited() {
                    return self.take(&mut lock(&self.board.latest));
                }
                std::hint::spin_loop();
            }
            self.give_way_at = now;
        }
    }

    /// Lets the pool, and whoever else can run, use the thread: whether the pool had no other work
    /// than ours for it.
    fn give_way(&mut self, pool: impl HelperPool) -> bool {
        while !self.was_of_use && pool.yield_now() {
            match ASKED.with(Cell::take) {
                Some(was_of_use) => self.was_of_use = was_of_use,
                None => return false,
            }
        }
        thread::yield_now();
        true
    }

    /// Counts again.
    fn come_back(&self) {
        let _latest = lock(&self.board.latest);
        self.board.yielding.fetch_sub(1, Ordering::Relaxed);
        self.board.staying.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether there is a post that it has not seen.
    fn is_awaited(&self) -> bool {
        self.board.posts.0.load(Ordering::Relaxed) != self.seen
    }

    /// Goes to the `latest` call.
    fn take(&mut self, latest: &mut Posting) -> Option<Call> {
        self.seen = self.board.posts.0.load(Ordering::Relaxed);
        self.board.helping.fetch_add(1, Ordering::Relaxed);
        let door = Arc::clone(latest.door.as_ref()?);
        // It does not matter who of them it is: all who were promised come here.
        let promised = latest.owed.checked_sub(1).map(|owed| {
            latest.owed = owed;
            Door::promised(&door)
        });
        Some((door, promised))
    }

    /// Is not counted any more, unless there is a call that counts on it.
    pub(super) fn leave(&mut self) -> Option<Call> {
        let mut latest = lock(&self.board.latest);
        if self.is_awaited() {
            return self.take(&mut latest);
        }
        self.board.staying.fetch_sub(1, Ordering::Relaxed);
        self.board.yielding.fetch_add(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Linger<'_> {
    fn drop(&mut self) {
        STAYS.with(|stays| stays.set(false));
    }
}

#[cfg(all(test, loom))]
mod models {
    use loom::thread;

    use super::super::thread::busy;
    use super::*;

    /// A pool that nobody is asked from.
    #[derive(Clone, Copy)]
    struct Nobody;

    impl HelperPool for Nobody {
        fn spawn(self, job: impl FnOnce() + Send + 'static) {
            drop(job);
        }

        fn yield_now(self) -> bool {
            false
        }

        fn id(self) -> usize {
            0
        }
    }

    /// A caller counts on those who stay, and asks for nobody in their place: whoever is counted
    /// when a call is posted goes to it, however little he has left to stay, and whatever the caller
    /// posts while it is inside that call.
    #[test]
    fn loom_who_is_counted_comes() {
        loom::model(|| {
            let board = Arc::new(IdleHelpers::default());
            let helper = thread::spawn({
                let board = Arc::clone(&board);
                move || {
                    let mut stay = Linger::begin(Nobody, &board, false).expect("a first stay");
                    let mut seen = Vec::new();
                    while let Some((door, promised)) = stay.leave() {
                        seen.push(Arc::as_ptr(&door).addr());
                        drop(promised);
                        stay.has_helped(true);
                    }
                    seen
                }
            });
            let mut promised = None;
            Door::open(&|| true, 1, |door| {
                board.post(Nobody, door);
                promised = door.expects_helpers().then(|| Arc::as_ptr(door).addr());
                busy(|| Door::open(&|| true, 1, |inner| board.post(Nobody, inner)));
            });
            let seen = helper.join().unwrap();
            assert!(promised.is_none_or(|promised| seen.contains(&promised)));
            assert_eq!(board.free(), 0);
        });
    }
}
