//! A cluster in one process: followers are threads, and everything travels as bytes.

use std::panic;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use parallelize_runtime::cluster::{Follower, Leader, Rank, Transport};

/// Followers on threads of this process, until it is dropped.
pub(crate) struct Cluster {
    leader: Option<Leader>,
    inboxes: Vec<Inbox>,
    threads: Vec<JoinHandle<()>>,
    /// There is one cluster at a time.
    _only: MutexGuard<'static, ()>,
}

/// Takes messages and whose they are; the last of all is none.
type Inbox = Sender<Option<(usize, Vec<u8>)>>;

/// The way from one rank to the others.
struct Channels {
    from: usize,
    to: Vec<Mutex<Inbox>>,
}

impl Transport for Channels {
    fn send(&self, rank: usize, message: Vec<u8>) {
        let inbox = self.to[rank].lock().expect("nobody panics with it");
        // One that has left takes none.
        _ = inbox.send(Some((self.from, message)));
    }
}

impl Cluster {
    /// A leader and so many others, each with so many threads.
    pub(crate) fn of(others: usize, threads: usize) -> Self {
        static ONLY: Mutex<()> = Mutex::new(());
        let only = ONLY.lock().unwrap_or_else(PoisonError::into_inner);
        let rank = |number| Rank {
            number,
            host: format!("node{number}"),
            threads,
        };
        let (inboxes, outlets): (Vec<Inbox>, Vec<_>) =
            (0..=others).map(|_| mpsc::channel()).unzip();
        let transport = |from| {
            let to = inboxes.iter().cloned().map(Mutex::new).collect();
            Arc::new(Channels { from, to })
        };
        let leader = Leader::install(rank(0), (1..=others).map(rank).collect(), transport(0));
        let mut threads = Vec::new();
        for (number, outlet) in outlets.into_iter().enumerate() {
            let messages = outlet.into_iter().map_while(|message| message);
            threads.push(if number == 0 {
                let deliver = leader.inbox();
                thread::spawn(move || messages.for_each(|(from, message)| deliver(from, message)))
            } else {
                let follower = Follower::new(rank(number), transport(number));
                thread::spawn(move || {
                    thread::scope(|scope| {
                        scope.spawn(|| follower.serve());
                        messages.for_each(|(_, message)| follower.deliver(message));
                    });
                })
            });
        }
        Self {
            leader: Some(leader),
            inboxes,
            threads,
            _only: only,
        }
    }

    /// Has the others leave.
    pub(crate) fn leave(&mut self) {
        drop(self.leader.take());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.leave();
        for inbox in &self.inboxes {
            _ = inbox.send(None);
        }
        for thread in self.threads.drain(..) {
            if let Err(payload) = thread.join() {
                // The panic of a test says more than that of a rank.
                if !thread::panicking() {
                    panic::resume_unwind(payload);
                }
            }
        }
    }
}
