//! The way to the other ranks: a channel to the thread that speaks with MPI.

use std::process;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use mpi::Tag;

use crate::parts::{Outgoing, tag};

/// The exit code of a process that has panicked.
pub(crate) const PANICKED: i32 = 101;

/// Takes what comes: the sender, and the message.
pub(crate) type Deliver = Box<dyn FnMut(usize, Vec<u8>) + Send>;

pub(crate) enum Command {
    Send(Outgoing),
    DeliverTo(Deliver),
    Leave,
    Abort(i32),
}

/// Whether the thread that speaks with MPI has ended.
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
    /// The thread that speaks with MPI.
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

    /// Sends a message, and does not wait until it is there.
    ///
    /// # Panics
    ///
    /// Panics if there is no such rank.
    pub fn send(&self, to: usize, message: Arc<Vec<u8>>) {
        self.send_with_tag(to, tag::WHOLE, message);
    }

    /// Sends what is to be said before there is a cluster.
    pub(crate) fn send_hello(&self, to: usize, message: Vec<u8>) {
        self.send_with_tag(to, tag::HELLO, Arc::new(message));
    }

    fn send_with_tag(&self, to: usize, tag: Tag, message: Arc<Vec<u8>>) {
        assert!(to < self.size, "there is no rank {to}");
        self.command(Command::Send(Outgoing::new(to, tag, message)));
    }

    /// Ends the other ranks, whatever they are doing, and what this one has to do with MPI. Gives up
    /// after some time. Several threads may ask for it.
    pub fn leave(&self, limit: Duration) {
        let has_ended = self.ended.lock();
        // Where MPI ends the process in its own thread, there is nobody left to speak with it.
        if *has_ended || self.thread == thread::current().id() {
            return;
        }
        self.command(Command::Leave);
        let changed = &self.ended.changed;
        drop(changed.wait_timeout_while(has_ended, limit, |has_ended| !*has_ended));
    }

    /// Ends all ranks at once, this one as well.
    pub fn abort(&self, code: i32) -> ! {
        if self.commands.send(Command::Abort(code)).is_err() {
            process::exit(code);
        }
        loop {
            thread::park();
        }
    }

    /// Nobody is there to take it only when this rank has left, and then nobody wants it.
    pub(crate) fn command(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}
