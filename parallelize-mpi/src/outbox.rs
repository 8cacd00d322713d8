//! The way to the other ranks: a channel to the thread that calls MPI.

use std::process;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use mpi::Tag;

use crate::parts::{Outgoing, tag};

/// The exit code of a process that has panicked.
pub(crate) const PANICKED: i32 = 101;

/// A callback for received messages. Its arguments are the sender and the message.
pub(crate) type Deliver = Box<dyn FnMut(usize, Vec<u8>) + Send>;

/// A request to the thread that calls MPI.
pub(crate) enum Command {
    Send(Outgoing),
    DeliverTo(Deliver),
    Leave,
    Abort(i32),
}

/// A flag that is set when the thread that calls MPI has ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    has_ended: Mutex<bool>,
    changed: Condvar,
}

impl Ended {
    pub(crate) fn set(&self) {
        *self.lock() = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.has_ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way to other ranks.
#[derive(Clone, Debug)]
pub struct Outbox {
    size: usize,
    commands: Sender<Command>,
    /// The thread that calls MPI.
    thread: ThreadId,
    ended: Arc<Ended>,
}

impl Outbox {
    pub(crate) fn new(
        size: usize,
        commands: Sender<Command>,
        thread: ThreadId,
        ended: Arc<Ended>,
    ) -> Self {
        Self {
            size,
            commands,
            thread,
            ended,
        }
    }

    /// Queues `message` for the rank `to`, without waiting until it is sent.
    ///
    /// # Panics
    ///
    /// Panics if there is no rank `to`.
    pub fn send(&self, to: usize, message: Arc<Vec<u8>>) {
        self.send_with_tag(to, tag::WHOLE, message);
    }

    /// Like [`send`](Self::send), but for the handshake that comes before any other message.
    pub(crate) fn send_hello(&self, to: usize, message: Vec<u8>) {
        self.send_with_tag(to, tag::HELLO, Arc::new(message));
    }

    fn send_with_tag(&self, to: usize, tag: Tag, message: Arc<Vec<u8>>) {
        assert!(to < self.size, "there is no rank {to}");
        self.command(Command::Send(Outgoing::new(to, tag, message)));
    }

    /// Ends the other ranks, whatever they are doing, and finalises MPI on this one. Stops waiting
    /// for that after `limit`. Several threads may call it at the same time.
    pub fn leave(&self, limit: Duration) {
        let has_ended = self.ended.lock();
        // The thread that calls MPI may be the one that exits. It would wait for itself.
        if *has_ended || self.thread == thread::current().id() {
            return;
        }
        self.command(Command::Leave);
        let changed = &self.ended.changed;
        drop(changed.wait_timeout_while(has_ended, limit, |has_ended| !*has_ended));
    }

    /// Ends all ranks at once, including this one, with exit code `code`.
    pub fn abort(&self, code: i32) -> ! {
        if self.commands.send(Command::Abort(code)).is_err() {
            process::exit(code);
        }
        loop {
            thread::park();
        }
    }

    /// Sends `command` to the thread that calls MPI. Ignores an error: the thread ends only after
    /// this rank has left, and then no command matters.
    pub(crate) fn command(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}
