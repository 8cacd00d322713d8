//! A cluster in one process: followers are threads, and everything travels as bytes.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use parallelize_runtime::cluster::{Follower, Leader, Rank, Transport};

/// A leader and followers on threads of this process. They end when this is dropped.
pub(crate) struct Cluster {
    leader: Option<Leader>,
    inboxes: Vec<Inbox>,
    threads: Vec<JoinHandle<()>>,
    longest: Arc<AtomicUsize>,
    longest_reply: Arc<AtomicUsize>,
    /// Keeps other tests from making a second cluster meanwhile.
    _only: MutexGuard<'static, ()>,
}

/// Takes messages, each with the rank that sent it. `None` ends the inbox.
type Inbox = Sender<Option<(usize, Vec<u8>)>>;

/// The connection from one rank to the others.
struct Channels {
    from: usize,
    to: Vec<Mutex<Inbox>>,
    longest: Arc<AtomicUsize>,
    longest_reply: Arc<AtomicUsize>,
}

impl Transport for Channels {
    fn send(&self, rank: usize, message: Arc<Vec<u8>>) {
        self.longest.fetch_max(message.len(), Ordering::Relaxed);
        if rank == 0 {
            self.longest_reply
                .fetch_max(message.len(), Ordering::Relaxed);
        }
        let inbox = self.to[rank].lock().expect("no panic while it is locked");
        // A rank that has left takes no messages.
        _ = inbox.send(Some((self.from, Arc::unwrap_or_clone(message))));
    }
}

impl Cluster {
    /// Starts a leader and `followers` followers, each with `threads` threads.
    pub(crate) fn of(followers: usize, threads: usize) -> Self {
        static ONLY: Mutex<()> = Mutex::new(());
        let only = ONLY.lock().unwrap_or_else(PoisonError::into_inner);
        let rank = |number| Rank {
            number,
            host: format!("node{number}"),
            threads,
        };
        let (inboxes, outlets): (Vec<Inbox>, Vec<_>) =
            (0..=followers).map(|_| mpsc::channel()).unzip();
        let longest = Arc::<AtomicUsize>::default();
        let longest_reply = Arc::<AtomicUsize>::default();
        let transport = |from| {
            let to = inboxes.iter().cloned().map(Mutex::new).collect();
            Arc::new(Channels {
                from,
                to,
                longest: Arc::clone(&longest),
                longest_reply: Arc::clone(&longest_reply),
            })
        };
        let leader = Leader::install(rank(0), (1..=followers).map(rank).collect(), transport(0));
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
            longest: Arc::clone(&longest),
            longest_reply: Arc::clone(&longest_reply),
            _only: only,
        }
    }

    /// Returns the length of the longest message so far, in bytes.
    #[allow(dead_code, reason = "not every test uses it")]
    pub(crate) fn longest(&self) -> usize {
        self.longest.load(Ordering::Relaxed)
    }

    /// Returns the length of the longest message to the leader since the last call of this, in
    /// bytes.
    #[allow(dead_code, reason = "not every test uses it")]
    pub(crate) fn longest_reply(&self) -> usize {
        self.longest_reply.swap(0, Ordering::Relaxed)
    }

    /// Tells the followers to leave.
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
                // If the test panics as well, its message says more than that of a rank.
                if !thread::panicking() {
                    panic::resume_unwind(payload);
                }
            }
        }
    }
}
