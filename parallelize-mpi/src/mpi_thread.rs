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
use crate::parts::{Outgoing, PartialMessage, remove_sent, tag};

/// How many messages may be on their way at a time, and about how many bytes: what is sent stays in
/// memory until nothing is on its way any more.
const MAX_MESSAGES: usize = 64;
const MAX_BYTES: usize = 256 << 20;

/// How long this thread sleeps until it looks again whether a message has come. MPI can only wait
/// with a busy core.
const MIN_PAUSE: Duration = Duration::from_micros(300);
const MAX_PAUSE: Duration = Duration::from_millis(2);

/// From so many bytes on, sending takes the work of both sides, and so no sleep. How long that holds
/// while nothing moves.
const LARGE_BYTES: usize = 64 << 10;
const YIELD_LIMIT: Duration = Duration::from_millis(1);

/// What a process is among those that were started together.
#[derive(Clone, Debug)]
pub struct RankInfo {
    /// Its number.
    pub rank: usize,
    /// How many there are.
    pub size: usize,
    /// The name of its host.
    pub host: String,
}

/// The thread that speaks with MPI, as the others see it.
#[derive(Debug)]
pub struct MpiThread {
    info: RankInfo,
    outbox: Outbox,
    hellos: Receiver<(usize, Vec<u8>)>,
}

impl MpiThread {
    /// Initialises MPI, which waits for all ranks. Calls `on_timeout` once if that takes longer than
    /// `limit`. `None` where MPI has been initialised already.
    ///
    /// # Panics
    ///
    /// Panics if no thread can be had.
    pub fn open(limit: Duration, on_timeout: impl FnOnce()) -> Option<Self> {
        let (commands, orders) = mpsc::channel();
        let (hello, hellos) = mpsc::channel();
        let (opened, info) = mpsc::channel();
        let ended = Arc::<Ended>::default();
        let end = Arc::clone(&ended);
        let thread = thread::Builder::new()
            .name("parallelize mpi".into())
            .spawn(move || {
                run_mpi(&opened, orders, hello);
                end.set();
            })
            .expect("a thread for MPI cannot be had");
        let info: RankInfo = match info.recv_timeout(limit) {
            Err(RecvTimeoutError::Timeout) => {
                on_timeout();
                info.recv().ok()?
            }
            opened => opened.ok()?,
        };
        Some(Self {
            outbox: Outbox::new(info.size, commands, thread.thread().id(), ended),
            info,
            hellos,
        })
    }

    /// What this process is among the others.
    #[must_use]
    pub fn info(&self) -> &RankInfo {
        &self.info
    }

    /// The way to the others.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The next [`hello`](Outbox::send_hello), and from whom it is, if one comes in time.
    pub(crate) fn next_hello(&self, limit: Duration) -> Option<(usize, Vec<u8>)> {
        self.hellos.recv_timeout(limit).ok()
    }

    /// Has messages handed over, those first that came before.
    pub fn deliver_to(&self, deliver: impl FnMut(usize, Vec<u8>) + Send + 'static) {
        self.outbox.command(Command::DeliverTo(Box::new(deliver)));
    }
}

/// All of the thread that speaks with MPI.
fn run_mpi(
    opened: &Sender<RankInfo>,
    commands: Receiver<Command>,
    hellos: Sender<(usize, Vec<u8>)>,
) {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        return; // and `opened` is closed
    };
    let world = universe.world();
    let info = RankInfo {
        rank: to_usize(world.rank()),
        size: to_usize(world.size()),
        host: processor_name().unwrap_or_else(|_| "?".into()),
    };
    let is_first = info.rank == 0;
    let mut event_loop = EventLoop::new(&world, &info, commands, hellos);
    let _ = opened.send(info);
    if catch_unwind(AssertUnwindSafe(|| event_loop.run())).is_err() {
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
fn to_usize(count: i32) -> usize {
    usize::try_from(count).expect("MPI gives a negative number")
}

/// Who takes messages.
enum Inbox {
    /// Nobody yet.
    Waiting(Vec<(usize, Vec<u8>)>),
    Open(Deliver),
}

/// Where all messages pass.
struct EventLoop<'w> {
    world: &'w SimpleCommunicator,
    rank: usize,
    /// Ranks that have not said that they end.
    peers: usize,
    leaving: bool,
    commands: Receiver<Command>,
    outgoing: VecDeque<Outgoing>,
    partial: HashMap<usize, PartialMessage>,
    hellos: Sender<(usize, Vec<u8>)>,
    inbox: Inbox,
    /// When something was last sent or received.
    last_activity: Instant,
}

impl<'w> EventLoop<'w> {
    fn new(
        world: &'w SimpleCommunicator,
        info: &RankInfo,
        commands: Receiver<Command>,
        hellos: Sender<(usize, Vec<u8>)>,
    ) -> Self {
        Self {
            world,
            rank: info.rank,
            peers: info.size - 1,
            leaving: false,
            commands,
            outgoing: VecDeque::new(),
            partial: HashMap::new(),
            hellos,
            inbox: Inbox::Waiting(Vec::new()),
            last_activity: Instant::now(),
        }
    }

    fn run(&mut self) {
        while !self.is_done() {
            self.wait_for_command(self.poll_interval());
            while !self.outgoing.is_empty() {
                self.exchange();
            }
            while self.poll() {}
        }
    }

    /// Rank 0 stays until nobody else can want to send it something.
    fn is_done(&self) -> bool {
        self.leaving && self.outgoing.is_empty() && (self.rank != 0 || self.peers == 0)
    }

    /// The longer nothing has moved, the longer the next look can wait: each look wakes a thread, and
    /// so adds little to the time between two messages. Nor does a late look: if both sides made that
    /// time longer than it was, they would end up waiting for each other.
    fn poll_interval(&self) -> Duration {
        (self.last_activity.elapsed() / 2).clamp(MIN_PAUSE, MAX_PAUSE)
    }

    /// Sleeps until somebody wants something, or for so long.
    fn wait_for_command(&mut self, limit: Duration) {
        match self.commands.recv_timeout(limit) {
            Ok(command) => self.handle(command),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => thread::sleep(limit),
        }
        while let Ok(command) = self.commands.try_recv() {
            self.handle(command);
        }
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::Send(_) | Command::Leave if self.leaving => {}
            Command::Send(outgoing) => self.outgoing.push_back(outgoing),
            Command::DeliverTo(deliver) => self.open_inbox(deliver),
            Command::Leave => self.leave(),
            Command::Abort(code) => abort(self.world, code),
        }
    }

    /// Has the other ranks leave. What has not begun to be sent is not sent any more.
    fn leave(&mut self) {
        let peers = 1..=self.peers;
        self.outgoing.clear();
        self.outgoing
            .extend(peers.map(|to| Outgoing::new(to, tag::LEAVE, Arc::default())));
        self.leaving = true;
    }

    /// Sends what is to be sent, and receives meanwhile, since the other side may be sending as well
    /// and wait for that.
    fn exchange(&mut self) {
        let slots = [const { OnceCell::new() }; MAX_MESSAGES];
        request::scope(|scope| {
            let mut free = slots.iter();
            let mut room = MAX_BYTES;
            let mut large = false;
            let mut sending = VecDeque::new();
            loop {
                while room > 0 && !self.outgoing.is_empty() {
                    let Some(slot) = free.next() else { break };
                    let Some(outgoing) = self.outgoing.pop_front() else {
                        break;
                    };
                    room = room.saturating_sub(outgoing.message.len());
                    large |= outgoing.message.len() >= LARGE_BYTES;
                    let outgoing: &Outgoing = slot.get_or_init(|| outgoing);
                    outgoing.start_sending(self.world, scope, &mut sending);
                    self.last_activity = Instant::now();
                }
                // What has come is not left for after a rest, but it does not keep us from sending.
                let came = (0..MAX_MESSAGES).take_while(|_| self.poll()).count();
                let moved = remove_sent(&mut sending) || came > 0;
                if sending.is_empty() {
                    break;
                }
                if moved {
                    self.last_activity = Instant::now();
                }
                self.wait_while_sending(large);
            }
        });
        self.last_activity = Instant::now();
    }

    /// What is between two looks while something is sent. Even a small message counts as sent only when
    /// the other side has looked.
    fn wait_while_sending(&mut self, large: bool) {
        if large && self.last_activity.elapsed() < YIELD_LIMIT {
            thread::yield_now();
            self.wait_for_command(Duration::ZERO);
        } else {
            self.wait_for_command(self.poll_interval());
        }
    }

    /// Asks more than once, since Open MPI does part of what there is to do at every eighth call, and the
    /// next look may be far. Whether something was there.
    fn poll(&mut self) -> bool {
        (0..8).any(|_| self.receive_one())
    }

    /// Receives a message or a part of one if any is there. Whether one was.
    fn receive_one(&mut self) -> bool {
        let Some((incoming, status)) = self.world.any_process().immediate_matched_probe() else {
            return false;
        };
        let from = to_usize(status.source_rank());
        let length = to_usize(status.count(u8::equivalent_datatype()));
        if status.tag() == tag::PART {
            let partial = self
                .partial
                .get_mut(&from)
                .expect("a part follows a length");
            incoming.matched_receive_into(partial.next_part(length));
            if partial.is_complete() {
                let finished = self.partial.remove(&from).expect("it was there");
                self.accept(from, tag::WHOLE, finished.message);
            }
        } else {
            let mut message = vec![0; length];
            incoming.matched_receive_into(&mut message[..]);
            self.accept(from, status.tag(), message);
        }
        self.last_activity = Instant::now();
        true
    }

    fn accept(&mut self, from: usize, tag: Tag, message: Vec<u8>) {
        match tag {
            tag::HELLO => {
                let _ = self.hellos.send((from, message));
            }
            tag::LENGTH => {
                self.partial
                    .insert(from, PartialMessage::announced_by(message));
            }
            tag::LEAVE => {
                self.outgoing.clear();
                self.outgoing
                    .push_back(Outgoing::new(from, tag::BYE, Arc::default()));
                self.leaving = true;
            }
            tag::BYE => self.peers -= 1,
            _ if self.leaving => {}
            _ => self.deliver(from, message),
        }
    }

    fn open_inbox(&mut self, deliver: Deliver) {
        if let Inbox::Waiting(early) = std::mem::replace(&mut self.inbox, Inbox::Open(deliver)) {
            for (from, message) in early {
                self.deliver(from, message);
            }
        }
    }

    fn deliver(&mut self, from: usize, message: Vec<u8>) {
        let handed: Result<(), Box<dyn Any + Send>> = match &mut self.inbox {
            Inbox::Waiting(early) => {
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
