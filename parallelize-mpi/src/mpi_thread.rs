//! Messages between ranks: one thread says everything to MPI that is ever said to it.
//!
//! Whoever sends puts the message into a channel and so never waits. What comes is handed over in
//! this thread, so whoever takes it must not wait either.

use std::any::Any;
use std::cell::OnceCell;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use mpi::environment::processor_name;
use mpi::request;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, Equivalence as _, Source as _};
use mpi::{Tag, Threading};

use crate::outbox::{Command, Deliver, Ended, Outbox, PANICKED};
use crate::parts::{Letter, Unfinished, kind, sent};

/// How many messages may be on their way at a time, and about how many bytes: what is sent stays in
/// memory until nothing is on its way any more.
const MESSAGES: usize = 64;
const BYTES: usize = 256 << 20;

/// How long this thread sleeps until it looks again whether a message has come. MPI can only wait
/// with a busy core.
const SHORTEST: Duration = Duration::from_micros(300);
const LONGEST: Duration = Duration::from_millis(2);

/// From so many bytes on, sending takes the work of both sides, and so no sleep. How long that holds
/// while nothing moves.
const LARGE: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_millis(1);

/// What a process is among those that were started together.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its number.
    pub rank: usize,
    /// How many there are.
    pub size: usize,
    /// The name of its host.
    pub host: String,
}

/// The thread that speaks with MPI, as the others see it.
#[derive(Debug)]
pub struct Post {
    place: Place,
    outbox: Outbox,
    hellos: Receiver<(usize, Vec<u8>)>,
}

impl Post {
    /// Initialises MPI, which waits for all ranks. Calls `complain` once if that takes longer than
    /// `patience`. `None` where MPI has been initialised already.
    ///
    /// # Panics
    ///
    /// Panics if no thread can be had.
    pub fn open(patience: Duration, complain: impl FnOnce()) -> Option<Self> {
        let (commands, orders) = mpsc::channel();
        let (hello, hellos) = mpsc::channel();
        let (opened, place) = mpsc::channel();
        let ended = Arc::<Ended>::default();
        let end = Arc::clone(&ended);
        let thread = thread::Builder::new()
            .name("parallelize mpi".into())
            .spawn(move || {
                speak(&opened, orders, hello);
                end.set();
            })
            .expect("a thread for MPI cannot be had");
        let place: Place = match place.recv_timeout(patience) {
            Err(RecvTimeoutError::Timeout) => {
                complain();
                place.recv().ok()?
            }
            opened => opened.ok()?,
        };
        Some(Self {
            outbox: Outbox::new(place.size, commands, thread.thread().id(), ended),
            place,
            hellos,
        })
    }

    /// What this process is among the others.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The way to the others.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The next [`hello`](Outbox::hello), and from whom it is, if one comes in time.
    pub(crate) fn hello(&self, limit: Duration) -> Option<(usize, Vec<u8>)> {
        self.hellos.recv_timeout(limit).ok()
    }

    /// Has messages handed over, those first that came before.
    pub fn deliver(&self, deliver: impl FnMut(usize, Vec<u8>) + Send + 'static) {
        self.outbox.command(Command::Deliver(Box::new(deliver)));
    }
}

/// All of the thread that speaks with MPI.
fn speak(opened: &Sender<Place>, commands: Receiver<Command>, hellos: Sender<(usize, Vec<u8>)>) {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        return; // and `opened` is closed
    };
    let world = universe.world();
    let place = Place {
        rank: number(world.rank()),
        size: number(world.size()),
        host: processor_name().unwrap_or_else(|_| "?".into()),
    };
    let is_first = place.rank == 0;
    let mut desk = Desk::new(&world, &place, commands, hellos);
    let _ = opened.send(place);
    if catch_unwind(AssertUnwindSafe(|| desk.work())).is_err() {
        abort(&world, PANICKED);
    }
    drop(universe); // finalises MPI
    if !is_first {
        process::exit(0);
    }
}

/// Ends all ranks. MPI would wait for the others if it were finalised instead.
fn abort(world: &SimpleCommunicator, code: i32) -> ! {
    world.abort(code)
}

/// MPI's numbers of ranks and bytes are signed.
fn number(count: i32) -> usize {
    usize::try_from(count).expect("MPI gives a negative number")
}

/// Who takes messages.
enum Inbox {
    /// Nobody yet.
    Closed(Vec<(usize, Vec<u8>)>),
    Open(Deliver),
}

/// Where all messages pass.
struct Desk<'w> {
    world: &'w SimpleCommunicator,
    rank: usize,
    /// Ranks that have not said that they end.
    others: usize,
    leaving: bool,
    commands: Receiver<Command>,
    outgoing: VecDeque<Letter>,
    unfinished: HashMap<usize, Unfinished>,
    hellos: Sender<(usize, Vec<u8>)>,
    inbox: Inbox,
    /// When something was last sent or received.
    moved: Instant,
}

impl<'w> Desk<'w> {
    fn new(
        world: &'w SimpleCommunicator,
        place: &Place,
        commands: Receiver<Command>,
        hellos: Sender<(usize, Vec<u8>)>,
    ) -> Self {
        Self {
            world,
            rank: place.rank,
            others: place.size - 1,
            leaving: false,
            commands,
            outgoing: VecDeque::new(),
            unfinished: HashMap::new(),
            hellos,
            inbox: Inbox::Closed(Vec::new()),
            moved: Instant::now(),
        }
    }

    fn work(&mut self) {
        while !self.is_done() {
            self.wait_for_command(self.pause());
            while !self.outgoing.is_empty() {
                self.exchange();
            }
            while self.look() {}
        }
    }

    /// Rank 0 stays until nobody else can want to send it something.
    fn is_done(&self) -> bool {
        self.leaving && self.outgoing.is_empty() && (self.rank != 0 || self.others == 0)
    }

    /// The longer nothing has moved, the longer the next look can wait: each look wakes a thread, and
    /// so adds little to the time between two messages. Nor does a late look: if both sides made that
    /// time longer than it was, they would end up waiting for each other.
    fn pause(&self) -> Duration {
        (self.moved.elapsed() / 2).clamp(SHORTEST, LONGEST)
    }

    /// Sleeps until somebody wants something, or for so long.
    fn wait_for_command(&mut self, limit: Duration) {
        match self.commands.recv_timeout(limit) {
            Ok(command) => self.obey(command),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => thread::sleep(limit),
        }
        while let Ok(command) = self.commands.try_recv() {
            self.obey(command);
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Send(_) | Command::Leave if self.leaving => {}
            Command::Send(letter) => self.outgoing.push_back(letter),
            Command::Deliver(deliver) => self.deliver(deliver),
            Command::Leave => self.leave(),
            Command::Abort(code) => abort(self.world, code),
        }
    }

    /// Has the other ranks leave. What has not begun to be sent is not sent any more.
    fn leave(&mut self) {
        let others = 1..=self.others;
        self.outgoing.clear();
        self.outgoing
            .extend(others.map(|to| Letter::new(to, kind::LEAVE, Arc::default())));
        self.leaving = true;
    }

    /// Sends what is to be sent, and receives meanwhile, since the other side may be sending as well
    /// and wait for that.
    fn exchange(&mut self) {
        let letters = [const { OnceCell::new() }; MESSAGES];
        request::scope(|scope| {
            let mut free = letters.iter();
            let mut room = BYTES;
            let mut large = false;
            let mut sending = VecDeque::new();
            loop {
                while room > 0 && !self.outgoing.is_empty() {
                    let Some(cell) = free.next() else { break };
                    let Some(letter) = self.outgoing.pop_front() else {
                        break;
                    };
                    room = room.saturating_sub(letter.message.len());
                    large |= letter.message.len() >= LARGE;
                    let letter: &Letter = cell.get_or_init(|| letter);
                    letter.begin(self.world, scope, &mut sending);
                    self.moved = Instant::now();
                }
                // What has come is not left for after a rest, but it does not keep us from sending.
                let came = (0..MESSAGES).take_while(|_| self.look()).count();
                let moved = sent(&mut sending) || came > 0;
                if sending.is_empty() {
                    break;
                }
                if moved {
                    self.moved = Instant::now();
                }
                self.rest(large);
            }
        });
        self.moved = Instant::now();
    }

    /// What is between two looks while something is sent. Even a small message counts as sent only when
    /// the other side has looked.
    fn rest(&mut self, large: bool) {
        if large && self.moved.elapsed() < PATIENCE {
            thread::yield_now();
            self.wait_for_command(Duration::ZERO);
        } else {
            self.wait_for_command(self.pause());
        }
    }

    /// Asks more than once, since Open MPI does part of what there is to do at every eighth call, and the
    /// next look may be far. Whether something was there.
    fn look(&mut self) -> bool {
        (0..8).any(|_| self.receive())
    }

    /// Receives a message or a part of one if any is there. Whether one was.
    fn receive(&mut self) -> bool {
        let Some((incoming, status)) = self.world.any_process().immediate_matched_probe() else {
            return false;
        };
        let from = number(status.source_rank());
        let length = number(status.count(u8::equivalent_datatype()));
        if status.tag() == kind::PART {
            let unfinished = self
                .unfinished
                .get_mut(&from)
                .expect("a part follows a length");
            incoming.matched_receive_into(unfinished.next_part(length));
            if unfinished.is_complete() {
                let finished = self.unfinished.remove(&from).expect("it was there");
                self.take(from, kind::WHOLE, finished.message);
            }
        } else {
            let mut message = vec![0; length];
            incoming.matched_receive_into(&mut message[..]);
            self.take(from, status.tag(), message);
        }
        self.moved = Instant::now();
        true
    }

    fn take(&mut self, from: usize, kind: Tag, message: Vec<u8>) {
        match kind {
            kind::HELLO => {
                let _ = self.hellos.send((from, message));
            }
            kind::LENGTH => {
                self.unfinished
                    .insert(from, Unfinished::announced_by(message));
            }
            kind::LEAVE => {
                self.outgoing.clear();
                self.outgoing
                    .push_back(Letter::new(from, kind::BYE, Arc::default()));
                self.leaving = true;
            }
            kind::BYE => self.others -= 1,
            _ if self.leaving => {}
            _ => self.hand_over(from, message),
        }
    }

    fn deliver(&mut self, deliver: Deliver) {
        if let Inbox::Closed(early) = std::mem::replace(&mut self.inbox, Inbox::Open(deliver)) {
            for (from, message) in early {
                self.hand_over(from, message);
            }
        }
    }

    fn hand_over(&mut self, from: usize, message: Vec<u8>) {
        let handed: Result<(), Box<dyn Any + Send>> = match &mut self.inbox {
            Inbox::Closed(early) => {
                early.push((from, message));
                Ok(())
            }
            Inbox::Open(deliver) => catch_unwind(AssertUnwindSafe(|| deliver(from, message))),
        };
        // At once: MPI may be sending from memory that would go if the panic went further.
        if handed.is_err() {
            abort(self.world, PANICKED);
        }
    }
}
