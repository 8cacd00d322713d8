//! The one thread that calls MPI.
//!
//! Other threads put commands into a channel ([`Outbox`]), so sending never blocks them. Received
//! messages are delivered by a callback on this thread, so the callback must not block either.

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

/// The most messages in one exchange. Their memory is freed when all of them have been sent.
const MAX_MESSAGES: usize = 64;

/// The most bytes in one exchange. The last message may exceed it.
const MAX_BYTES: usize = 256 << 20;

/// The shortest time between two polls. Polling replaces waiting inside of MPI, which would keep a
/// core busy.
const MIN_PAUSE: Duration = Duration::from_micros(300);

/// The longest time between two polls.
const MAX_PAUSE: Duration = Duration::from_millis(2);

/// The length in bytes from which a message is large. MPI moves a large message only while both
/// sides call it, so this thread yields between two polls instead of sleeping.
const LARGE_BYTES: usize = 64 << 10;

/// The longest time for which this thread yields while nothing is sent or received. Then it sleeps.
const YIELD_LIMIT: Duration = Duration::from_millis(1);

/// The number of probes in a poll. Open MPI makes some kinds of progress only at every eighth call,
/// and the next poll may be up to [`MAX_PAUSE`] away.
const PROBES: usize = 8;

/// The place of a process in its MPI job.
#[derive(Clone, Debug)]
pub struct RankInfo {
    /// The number of this rank.
    pub rank: usize,
    /// The number of ranks.
    pub size: usize,
    /// The name of its host.
    pub host: String,
}

/// A handle to the thread that calls MPI.
#[derive(Debug)]
pub struct MpiThread {
    info: RankInfo,
    outbox: Outbox,
    hellos: Receiver<(usize, Vec<u8>)>,
}

impl MpiThread {
    /// Initialises MPI, which waits for all ranks. Calls `on_timeout` once if that takes longer
    /// than `limit`, and keeps waiting. Returns `None` if MPI is initialised already.
    ///
    /// # Panics
    ///
    /// Panics if the thread cannot be started.
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
            .expect("the thread for MPI cannot be started");
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

    /// Returns the place of this process in its MPI job.
    #[must_use]
    pub fn info(&self) -> &RankInfo {
        &self.info
    }

    /// Returns the way to the other ranks.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Returns the sender and the bytes of the next [hello](Outbox::send_hello), or `None` if none
    /// arrives within `limit`.
    pub(crate) fn next_hello(&self, limit: Duration) -> Option<(usize, Vec<u8>)> {
        self.hellos.recv_timeout(limit).ok()
    }

    /// Passes each message and its sender to `deliver`, starting with those that arrived earlier.
    pub fn deliver_to(&self, deliver: impl FnMut(usize, Vec<u8>) + Send + 'static) {
        self.outbox.command(Command::DeliverTo(Box::new(deliver)));
    }
}

/// Initialises MPI, runs the event loop and finalises MPI. On a rank other than 0, then ends the
/// process.
fn run_mpi(
    opened: &Sender<RankInfo>,
    commands: Receiver<Command>,
    hellos: Sender<(usize, Vec<u8>)>,
) {
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        return; // This closes `opened`, so `open` returns `None`.
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
    drop(universe); // Finalises MPI.
    if !is_first {
        process::exit(0);
    }
}

/// Ends all ranks at once. Finalising MPI instead would wait for the other ranks.
fn abort(world: &SimpleCommunicator, code: i32) -> ! {
    world.abort(code)
}

/// Converts a count of ranks or bytes, which MPI gives as a signed number.
fn to_usize(count: i32) -> usize {
    usize::try_from(count).expect("MPI counts from 0")
}

/// Where received messages go.
enum Inbox {
    /// There is no callback yet. Messages are kept with their senders.
    Waiting(Vec<(usize, Vec<u8>)>),
    Open(Deliver),
}

/// The state of the thread: commands and messages of other ranks -> MPI and callbacks.
struct EventLoop<'w> {
    world: &'w SimpleCommunicator,
    rank: usize,
    /// The number of other ranks that have not sent [`tag::BYE`].
    peers: usize,
    leaving: bool,
    commands: Receiver<Command>,
    outgoing: VecDeque<Outgoing>,
    /// Messages of which some parts are missing, by sender.
    partial: HashMap<usize, PartialMessage>,
    hellos: Sender<(usize, Vec<u8>)>,
    inbox: Inbox,
    /// The time of the last progress in sending or receiving.
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

    /// Returns whether the loop is over. Rank 0 stays until no other rank can send to it any more.
    fn is_done(&self) -> bool {
        self.leaving && self.outgoing.is_empty() && (self.rank != 0 || self.peers == 0)
    }

    /// Returns the time until the next poll: half of the time since the last progress, within
    /// bounds.
    ///
    /// A longer silence allows a longer pause, since the pause delays the next message by at most
    /// half of the time that it took anyway. The factor is below 1 so that two ranks which answer
    /// each other do not make their pauses longer and longer.
    fn poll_interval(&self) -> Duration {
        (self.last_activity.elapsed() / 2).clamp(MIN_PAUSE, MAX_PAUSE)
    }

    /// Sleeps until a command arrives, for at most `limit`. Handles all commands that are there.
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

    /// Tells the other ranks to leave. Discards the messages whose sending has not started.
    fn leave(&mut self) {
        let peers = 1..=self.peers;
        self.outgoing.clear();
        self.outgoing
            .extend(peers.map(|to| Outgoing::new(to, tag::LEAVE, Arc::default())));
        self.leaving = true;
    }

    /// Sends queued messages, within [`MAX_MESSAGES`] and [`MAX_BYTES`], until none of them is in
    /// flight. Receives meanwhile: the other side may be sending too, and its send may finish only
    /// when this side receives.
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
                // Receives before the next pause, but not without a bound, so that sending goes on.
                let received = (0..MAX_MESSAGES).take_while(|_| self.poll()).count();
                let moved = remove_sent(&mut sending) || received > 0;
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

    /// Yields or sleeps between two polls while messages are in flight. Even a small message counts
    /// as sent only when the other side has polled.
    fn wait_while_sending(&mut self, large: bool) {
        if large && self.last_activity.elapsed() < YIELD_LIMIT {
            thread::yield_now();
            self.wait_for_command(Duration::ZERO);
        } else {
            self.wait_for_command(self.poll_interval());
        }
    }

    /// Receives a message or a part if there is one. Returns whether there was.
    fn poll(&mut self) -> bool {
        (0..PROBES).any(|_| self.receive_one())
    }

    /// Probes once, and receives what is found. Returns whether something was found.
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
                .expect("a part follows the length");
            incoming.matched_receive_into(partial.next_part(length));
            if partial.is_complete() {
                let finished = self
                    .partial
                    .remove(&from)
                    .expect("the last part was received into it");
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

    /// Acts on a complete message.
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

    /// Delivers the messages that arrived earlier, and from now on all others.
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
        // Unwinding further would free memory from which MPI may still be sending.
        if handed.is_err() {
            abort(self.world, PANICKED);
        }
    }
}
