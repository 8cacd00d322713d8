//! The life of a process that evaluates items.

use std::any::Any;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::os::unix::process::parent_id;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, kill_current_process_group};

use super::frame::{self, Kind};
use crate::cluster::{Message, OpenCall, QueuedChunk};
use crate::outcome::discard;

/// Bounds the time that what runs at the exit of the process may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// The time between two looks at whether the process is there that started this one.
const LOOK_INTERVAL: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};

/// Whether an item runs. Relaxed, as it orders nothing.
static IS_EVALUATING: AtomicBool = AtomicBool::new(false);

/// Evaluates the items that arrive on `socket`, on this thread, until it is closed. Then ends the
/// process.
pub(super) fn serve(socket: UnixStream) -> ! {
    // What reads the standard input must not read from the socket.
    if let Ok(nothing) = File::open("/dev/null") {
        _ = rustix::stdio::dup2_stdin(&nothing);
    }
    if let Err(error) = exit_with(&socket) {
        eprintln!("parallelize: a process cannot evaluate items: {error}");
        process::exit(1);
    }
    let connection = Connection {
        socket: RefCell::new(BufReader::new(socket)),
        process: process::id(),
    };
    connection.send(Kind::Ready, &[]);
    let (mut open, mut local): (Option<Arc<OpenCall>>, _) = (None, None);
    loop {
        match connection.receive() {
            Message::Open {
                call,
                function,
                stop_on,
                sums,
                constants,
                ..
            } => {
                discard(local.take());
                let call = OpenCall::new(call, function, constants, stop_on, sums, 1);
                discard(open.replace(Arc::new(call)));
            }
            Message::Chunk { start, items, .. } => {
                let call = open.clone();
                let call = call.expect("a call is opened before its first chunk");
                let chunk = QueuedChunk { call, start, items };
                connection.answer(&chunk, &mut local);
            }
            Message::Close { .. } => {
                discard(local.take());
                discard(open.take());
            }
            // It came too late for its chunk.
            Message::Bound { .. } => {}
            _ => unreachable!("no other message is sent to a process"),
        }
    }
}

/// The socket to the process that has the results. If that ends, so does this one.
struct Connection {
    socket: RefCell<BufReader<UnixStream>>,
    /// The number of this process. If an item forks, its child has the socket as well.
    process: u32,
}

impl Connection {
    fn send(&self, kind: Kind, bytes: &[u8]) {
        self.check_process();
        if frame::write(self.socket.borrow().get_ref(), kind, bytes).is_err() {
            exit();
        }
    }

    /// Ends this process if it is a child that an item has forked, and in which the item returned.
    fn check_process(&self) {
        if process::id() != self.process {
            process::exit(0);
        }
    }

    fn receive(&self) -> Message {
        let mut bytes = Vec::new();
        match frame::read(&mut *self.socket.borrow_mut(), &mut bytes) {
            Ok(Kind::Message) => {}
            _ => exit(),
        }
        Message::from_bytes(bytes).expect("both processes run the same program")
    }

    /// Returns whether something has arrived.
    fn has_message(&self) -> bool {
        let socket = self.socket.borrow();
        let mut polled = [PollFd::new(socket.get_ref(), PollFlags::IN)];
        !socket.buffer().is_empty()
            || poll(&mut polled, Some(&Timespec::default())).is_ok_and(|n| n > 0)
    }

    /// Evaluates a chunk. Sends the results, and before each item that it begins.
    fn answer(&self, chunk: &QueuedChunk, local: &mut Option<Box<dyn Any>>) {
        let begins = |position, results: &mut Vec<u8>| {
            while self.has_message() {
                if let Message::Bound { position, .. } = self.receive() {
                    chunk.call.lower_bound(position);
                }
            }
            if chunk.call.is_bounded(position) {
                return false;
            }
            self.send(Kind::Begins, results);
            results.clear();
            true
        };
        IS_EVALUATING.store(true, Ordering::Relaxed);
        let answer = chunk.evaluate(0, local, Some(&begins));
        IS_EVALUATING.store(false, Ordering::Relaxed);
        match answer {
            Message::Results { results, .. } => self.send(Kind::Done, &results),
            Message::Refused { reason, .. } => self.send(Kind::Refused, reason.as_bytes()),
            _ => unreachable!("a chunk has one of these replies"),
        }
    }
}

/// Ends this process when that which started it does, also while an item runs.
fn exit_with(socket: &UnixStream) -> io::Result<()> {
    let (socket, starter) = (socket.try_clone()?, parent_id());
    let named = thread::Builder::new().name("parallelize socket".to_owned());
    named.spawn(move || {
        // Nothing that arrives wakes this thread, since it waits for the end only.
        let mut polled = [PollFd::new(&socket, PollFlags::empty())];
        let mut poll = || poll(&mut polled, Some(&LOOK_INTERVAL));
        // A child that the starter has forked may hold the other side open.
        while matches!(poll(), Ok(0) | Err(Errno::INTR)) && parent_id() == starter {}
        if IS_EVALUATING.load(Ordering::Relaxed) {
            // With what the item has started.
            _ = kill_current_process_group(Signal::KILL);
        }
        exit()
    })?;
    Ok(())
}

/// Ends this process, whatever its other threads do.
fn exit() -> ! {
    // What runs at the exit of a C library may wait for an item that hangs.
    _ = thread::Builder::new().spawn(|| {
        thread::sleep(PATIENCE);
        process::abort();
    });
    process::exit(0)
}
