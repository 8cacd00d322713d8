//! A cluster in one process: followers are threads, and everything travels as bytes.

use std::fmt::Debug;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parallelize::__private::cluster::{Follower, Leader, Rank, Transport};

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
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.leader.take());
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

static ELSEWHERE: AtomicUsize = AtomicUsize::new(0);

/// What every item here does: it takes some time, so that others come to it.
pub(crate) fn item() {
    if is_elsewhere() {
        ELSEWHERE.fetch_add(1, Ordering::Relaxed);
    }
    thread::sleep(Duration::from_micros(200));
}

/// Whether this is a thread of another rank.
pub(crate) fn is_elsewhere() -> bool {
    let thread = thread::current();
    thread.name().is_some_and(|name| name.contains(" of rank "))
}

/// How many items have been evaluated by other ranks while `run` ran.
pub(crate) fn elsewhere(run: impl FnOnce()) -> usize {
    let before = ELSEWHERE.load(Ordering::Relaxed);
    run();
    ELSEWHERE.load(Ordering::Relaxed) - before
}

/// Whether others do a share of what `run` runs. On a busy machine they may come too late now and then.
pub(crate) fn is_shared(run: impl Fn()) -> bool {
    (0..20).any(|_| elsewhere(&run) > 0)
}

/// Checks that the companion agrees with the loop in clusters of several shapes, and that others do their share.
#[track_caller]
pub(crate) fn agree<R: Debug + PartialEq>(serial: impl Fn() -> R, parallel: impl Fn() -> R) {
    let expected = serial();
    for (others, threads) in [(0, 1), (1, 1), (2, 2)] {
        let _cluster = Cluster::of(others, threads);
        let run = || assert_eq!(parallel(), expected, "with {others} others");
        if others == 0 {
            run();
        } else {
            assert!(is_shared(run), "{others} others have nothing to do");
        }
    }
}
