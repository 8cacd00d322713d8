//! Who works on a call: the thread that makes it, and helpers that a pool sends.
//!
//! The caller works from the first moment and never waits for a helper that has not come. A helper
//! that is done does not go back to its pool at once: it stays for a moment with the caller, so
//! that calls in a hot loop find it awake.

use std::cell::Cell;
use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use crate::door::{Door, Expected};
use crate::sync::{Arc, AtomicBool, AtomicUsize, Mutex, Ordering, Padded, lock, thread_local};

/// Where helpers come from.
pub(crate) trait Pool: Copy + Send + 'static {
    /// Has a thread of the pool run `job` at some time, or drops it.
    fn spawn(self, job: impl FnOnce() + Send + 'static);

    /// Lets the pool use the calling thread, which is one of its own, for something else: whether
    /// it did.
    fn yield_now(self) -> bool;

    /// What tells it from other pools that the same thread may use.
    fn id(self) -> usize;
}

/// How long a helper stays for the next call after one that it was of use in.
const STAY: Duration = Duration::from_micros(60);

/// How long it stays at most, call upon call: below it on the stack may be something that waits.
const LONGEST_STAY: Duration = Duration::from_millis(5);

/// How long the pool waits at most until a helper that stays looks what else there is to do.
const UNYIELDING: Duration = Duration::from_millis(1);

/// How often a helper that stays looks for a call before it looks for other work: some
/// microseconds.
const LOOKS: usize = 200;

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
    pool: impl Pool,
    helpers: usize,
    at_once: bool,
    help: &(dyn Fn() -> bool + Sync),
    lead: &mut Lead<'_>,
) {
    let mut share = |board: &Arc<Board>| {
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
    if BOARD.try_with(&mut share).is_err() {
        share(&Arc::default());
    }
}

/// Lets the pool use the calling thread, which is one of its own and has to wait, or waits a little.
pub(crate) fn give_way(pool: impl Pool) {
    if !pool.yield_now() {
        send_on();
        thread::sleep(Duration::from_micros(20));
    }
}

/// Gives back to the pool what it had this thread do while that was busy.
pub(crate) fn send_on() {
    // A thread that is about to end has nothing of the kind.
    let aside = ASIDE.try_with(Cell::take).unwrap_or_default();
    for job in aside {
        job();
    }
}

/// Whether a helper of the `pool` with this [`id`](Pool::id) is awake for the next call of this
/// thread.
pub(crate) fn is_awake(pool: usize) -> bool {
    let is_awake = |board: &Arc<Board>| {
        let is_ours = board.pool.load(Ordering::Relaxed) == pool;
        is_ours && board.free() + board.away.load(Ordering::Relaxed) > 0
    };
    BOARD.try_with(is_awake).unwrap_or(false)
}

/// Takes note of a call that this thread did alone though it was long enough to share, and has a
/// helper of the `pool`, if there is one, come for the next ones if they follow each other closely.
pub(crate) fn was_alone<P: Pool>(began: Instant, ended: Instant, pool: impl FnOnce() -> Option<P>) {
    thread_local! {
        static STREAK: Cell<(Option<Instant>, Duration)> = Cell::default();
    }
    let (last, mut streak) = STREAK.with(Cell::get);
    if last.is_none_or(|last| began - last > STAY / 2) {
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
fn wake(pool: impl Pool) {
    /// Says that none is on its way any more, also when the pool has dropped the job.
    struct OnItsWay(Arc<Board>);
    impl Drop for OnItsWay {
        fn drop(&mut self) {
            self.0.waking.store(false, Ordering::Relaxed);
        }
    }
    let Ok(board) = BOARD.try_with(Arc::clone) else {
        return;
    };
    if !board.waking.swap(true, Ordering::Relaxed) {
        let on_its_way = OnItsWay(Arc::clone(&board));
        pool.spawn(move || {
            drop(on_its_way);
            attend(pool, &board, None);
        });
    }
}

/// Asks for a helper, if there are fewer than there may be.
fn ask(pool: impl Pool, board: &Arc<Board>, door: &Arc<Door>) {
    if door.lacks_helpers() {
        let (board, expected) = (Arc::clone(board), Door::expect(door));
        pool.spawn(move || attend(pool, &board, Some(expected)));
    }
}

/// A helper's visit: the call it was asked to, and those that follow soon.
fn attend(pool: impl Pool, board: &Arc<Board>, asked: Option<Expected>) {
    if is_busy() {
        if let Some(asked) = asked {
            turn_away(pool, board, asked);
        }
        return;
    }
    let help = |door: &Arc<Door>, asked: Option<Expected>| {
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
    let stay = Stay::begin(pool, board, asked.is_some());
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
        pool.spawn(move || attend(pool, &board, None));
    }
}

/// Has another thread come in place of this one, which waits for something and runs what the pool
/// has meanwhile. The caller may wait for a helper that is lost here.
fn turn_away(pool: impl Pool, board: &Arc<Board>, mut asked: Expected) {
    let has_time = asked.hand_on();
    let board = Arc::clone(board);
    let again = move || pool.spawn(move || attend(pool, &board, Some(asked)));
    if has_time {
        again();
        return;
    }
    // Whatever it is that this thread waits for may come behind that in the pool.
    ASIDE.with(|aside| {
        let mut jobs = aside.take();
        jobs.push(Box::new(again));
        aside.set(jobs);
    });
}

/// Where helpers that stay with a caller find its next call.
///
/// They look at `posts` all the time, so that has its cache line for itself.
#[derive(Default)]
struct Board {
    /// How many stay, and wait for a call or work on one. Changes under the lock only, so that
    /// whoever posts a call knows exactly who will see it.
    staying: AtomicUsize,
    /// How many of them work on one. Grows under the lock only.
    helping: AtomicUsize,
    /// How many others look what else there is to do, and will be back unless there is.
    away: AtomicUsize,
    /// How many calls were posted. Changes under the lock only.
    posts: Padded<AtomicUsize>,
    /// The pool of those who stay. Whoever goes to a call asks his own pool for more, and those of
    /// another would have to come for them in vain. Changes under the lock only.
    pool: AtomicUsize,
    latest: Mutex<Latest>,
    /// Whether a helper was asked to come and stay, and has not come yet.
    waking: AtomicBool,
}

/// The latest post.
#[derive(Default)]
struct Latest {
    door: Option<Arc<Door>>,
    /// How many of those that its door was promised have not gone there yet.
    owed: usize,
}

impl Board {
    /// How many who stay are free for the next call of this thread, whose board this is.
    fn free(&self) -> usize {
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
    fn post(&self, pool: impl Pool, door: &Arc<Door>) {
        let mut latest = lock(&self.latest);
        // Nobody sees a post that another has followed. One of a call around this one still counts on
        // those who were promised.
        let is_taken = is_busy() && latest.owed > 0;
        if is_taken || self.pool.load(Ordering::Relaxed) != pool.id() {
            return;
        }
        let free = self.free();
        if free + self.away.load(Ordering::Relaxed) > 0 {
            door.promise(free);
            *latest = Latest {
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
type Call = (Arc<Door>, Option<Expected>);

/// A helper's stay with a caller.
struct Stay<'b> {
    board: &'b Board,
    /// How many posts it has seen.
    seen: usize,
    /// Whether it is worth to stay on from now.
    was_of_use: bool,
    /// When it ends if there is no further call that it is of use in.
    until: Instant,
    /// When it ends in any case.
    end: Instant,
    /// When to look for other work.
    give_way_at: Instant,
    /// Whether it is still worth to stay, and only had to end.
    comes_back: bool,
}

impl<'b> Stay<'b> {
    /// Begins a stay, unless this thread is in the middle of another or helpers of another pool stay
    /// there; with a call if one `is_asked` to that.
    fn begin(pool: impl Pool, board: &'b Board, is_asked: bool) -> Option<Self> {
        if STAYS.with(Cell::get) {
            return None;
        }
        let now = Instant::now();
        let latest = lock(&board.latest);
        let others = board.staying.load(Ordering::Relaxed) + board.away.load(Ordering::Relaxed);
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
            end: now + LONGEST_STAY,
            give_way_at: now + UNYIELDING,
            comes_back: false,
        })
    }

    /// Is free again, after a call that it may have been of use in.
    fn has_helped(&mut self, was_of_use: bool) {
        self.board.helping.fetch_sub(1, Ordering::Relaxed);
        self.was_of_use |= was_of_use;
    }

    /// The next call, unless there is none in time or the pool has other work.
    fn wait(&mut self, pool: impl Pool) -> Option<Call> {
        loop {
            let now = Instant::now();
            if mem::take(&mut self.was_of_use) {
                self.until = now + STAY;
            }
            let is_over = now > self.until;
            if is_over || now > self.give_way_at {
                // Not while anybody counts on us: it may take long.
                if let Some(call) = self.leave() {
                    return Some(call);
                }
                self.comes_back = !is_over && self.give_way(pool);
                if !self.comes_back || now > self.end {
                    self.board.away.fetch_sub(1, Ordering::Relaxed);
                    return None;
                }
                self.give_way_at = now + UNYIELDING;
                self.come_back();
            }
            for _ in 0..LOOKS {
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
    fn give_way(&mut self, pool: impl Pool) -> bool {
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
        self.board.away.fetch_sub(1, Ordering::Relaxed);
        self.board.staying.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether there is a post that it has not seen.
    fn is_awaited(&self) -> bool {
        self.board.posts.0.load(Ordering::Relaxed) != self.seen
    }

    /// Goes to the `latest` call.
    fn take(&mut self, latest: &mut Latest) -> Option<Call> {
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
    fn leave(&mut self) -> Option<Call> {
        let mut latest = lock(&self.board.latest);
        if self.is_awaited() {
            return self.take(&mut latest);
        }
        self.board.staying.fetch_sub(1, Ordering::Relaxed);
        self.board.away.fetch_add(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        STAYS.with(|stays| stays.set(false));
    }
}

thread_local! {
    /// Where helpers stay with this thread.
    static BOARD: Arc<Board> = Arc::default();

    /// Whether this thread stays with a caller.
    static STAYS: Cell<bool> = Cell::default();

    /// Whether it was of use, if the pool has asked it to a call meanwhile.
    static ASKED: Cell<Option<bool>> = Cell::default();

    /// Whether this thread is inside a call.
    static BUSY: Cell<bool> = Cell::default();

    /// What asks for helpers that this thread has turned away from for too long.
    static ASIDE: Cell<Vec<Box<dyn FnOnce()>>> = Cell::default();
}

/// Whether this thread is inside a call.
pub(crate) fn is_busy() -> bool {
    BUSY.with(Cell::get)
}

/// Marks the thread as busy while `work` runs.
fn busy<O>(work: impl FnOnce() -> O) -> O {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            BUSY.with(|busy| busy.set(self.0));
            send_on();
        }
    }
    let _restore = Restore(BUSY.with(|busy| busy.replace(true)));
    work()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::panic;
    use std::sync::{Barrier, mpsc};

    use super::*;

    /// Plain threads, each job on a new one.
    #[derive(Clone, Copy)]
    struct Threads;

    impl Pool for Threads {
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

    impl Pool for Late {
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
        impl Pool for Stack {
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
                give_way(Stack);
            }
            send_on();
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
        impl Pool for Here {
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

#[cfg(all(test, loom))]
mod models {
    use loom::thread;

    use super::*;

    /// A pool that nobody is asked from.
    #[derive(Clone, Copy)]
    struct Nobody;

    impl Pool for Nobody {
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
            let board = Arc::new(Board::default());
            let helper = thread::spawn({
                let board = Arc::clone(&board);
                move || {
                    let mut stay = Stay::begin(Nobody, &board, false).expect("a first stay");
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
