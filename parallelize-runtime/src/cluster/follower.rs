//! A rank that evaluates what the leader sends.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::message::{Message, StopOn};
use super::registry;
use super::task::{Local, RemoteChunk, TaskResult};
use super::{Rank, Transport};
use crate::encoding::Reason;
use crate::outcome;
use crate::sync::lock;

/// A follower's side of a cluster.
///
/// Each of its threads takes the next run that has come and evaluates it by itself: so none of them
/// waits where an item takes long, and the leader, who knows how many they are, sends runs for all of
/// them. Each call has as many threads as it asks for, so none waits for the items of another one;
/// those that are too many when it is over leave.
pub struct Follower {
    me: Rank,
    transport: Arc<dyn Transport>,
    desk: Mutex<FollowerState>,
    /// For the threads that evaluate: there may be something to do.
    news: Condvar,
    /// For the one that starts them: there may be too few.
    wanted: Condvar,
}

/// What has come and is not begun.
struct FollowerState {
    calls: BTreeMap<u64, Arc<OpenCall>>,
    runs: VecDeque<QueuedChunk>,
    /// Calls that have ended. Constants may be large, or do something when they are dropped, so that
    /// is not for whoever delivers messages.
    ended: Vec<Arc<OpenCall>>,
    /// How many threads a call has here that does not say.
    threads: usize,
    /// The threads that there are, by their numbers.
    crew: BTreeSet<usize>,
    /// How many of them evaluate nothing.
    idle: usize,
    has_ended: bool,
}

/// A call of the leader's.
struct OpenCall {
    number: u64,
    /// The constants are decoded by the first thread that needs them.
    task: LazyLock<TaskResult, Box<dyn FnOnce() -> TaskResult + Send>>,
    ends_with: StopOn,
    bound: AtomicUsize,
    /// How many threads may work on it, and how many do. Changes under the lock of the desk only.
    threads: usize,
    working: AtomicUsize,
}

struct QueuedChunk {
    called: Arc<OpenCall>,
    start: usize,
    items: Vec<u8>,
}

impl Follower {
    /// A follower that has nothing to do yet. It answers by the `transport`.
    pub fn new(me: Rank, transport: Arc<dyn Transport>) -> Self {
        let desk = FollowerState {
            calls: BTreeMap::new(),
            runs: VecDeque::new(),
            ended: Vec::new(),
            threads: me.threads,
            crew: BTreeSet::new(),
            idle: 0,
            has_ended: false,
        };
        Self {
            me,
            transport,
            desk: Mutex::new(desk),
            news: Condvar::new(),
            wanted: Condvar::new(),
        }
    }

    /// Takes a message of the leader's, which is worked on in [`Follower::serve`].
    pub fn deliver(&self, bytes: Vec<u8>) {
        let message = Message::from_bytes(bytes).expect("a leader of this build speaks as we do");
        let is_run = matches!(message, Message::Run { .. });
        let mut desk = lock(&self.desk);
        desk.put(message);
        if is_run {
            self.call_one(&desk);
        } else {
            self.news.notify_all();
            self.wanted.notify_one();
        }
    }

    /// Evaluates what comes, until there are no further calls.
    ///
    /// # Panics
    ///
    /// If the operating system gives no thread at all.
    pub fn serve(&self) {
        let Rank { number, host, .. } = &self.me;
        thread::scope(|scope| {
            loop {
                let is_enough = |desk: &mut FollowerState| !desk.is_short() && !desk.has_ended;
                let desk = self.wanted.wait_while(lock(&self.desk), is_enough);
                let mut desk = desk.unwrap_or_else(PoisonError::into_inner);
                if desk.has_ended {
                    break;
                }
                let thread = desk.enlist();
                drop(desk);
                let spawned = thread::Builder::new()
                    .name(format!("parallelize {thread} of rank {number}"))
                    .spawn_scoped(scope, move || self.work(thread));
                if let Err(error) = spawned {
                    let mut desk = lock(&self.desk);
                    desk.dismiss(thread);
                    let threads = desk.crew.len();
                    assert!(threads > 0, "a thread cannot be had: {error}");
                    // Those that there are do the work of all.
                    desk.threads = threads;
                    self.news.notify_all();
                    let says = format!("rank {number} on {host} has only {threads} threads");
                    eprintln!("parallelize: {says}: {error}");
                    break;
                }
            }
        });
    }

    /// What each thread does, by its number.
    fn work(&self, thread: usize) {
        // What it has for itself in the call of its last run.
        let (mut call, mut local) = (0, None);
        while let Some(run) = self.next(thread, call, &mut local) {
            if mem::replace(&mut call, run.called.number) != call {
                outcome::discard(local.take());
            }
            let answer = evaluate(&run, thread, &mut local);
            self.transport.send(0, Arc::new(answer.into_bytes()));
            lock(&self.desk).take_back(run.called);
        }
        outcome::discard(local);
    }

    /// The next run for this `thread`, when there is one.
    fn next(&self, thread: usize, call: u64, local: &mut Local) -> Option<QueuedChunk> {
        let mut desk = lock(&self.desk);
        loop {
            if let Some(ended) = desk.ended.pop() {
                desk = self.discard(desk, ended);
            } else if local.is_some() && !desk.calls.contains_key(&call) {
                desk = self.discard(desk, local.take());
            } else if let Some(run) = desk.take() {
                self.call_one(&desk);
                return Some(run);
            } else if desk.has_ended || desk.can_spare(thread) {
                desk.dismiss(thread);
                return None;
            } else {
                desk = (self.news.wait(desk)).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Drops what may take its time, while others come to what there is to do.
    fn discard<'f>(
        &'f self,
        mut desk: MutexGuard<'f, FollowerState>,
        what: impl Sized,
    ) -> MutexGuard<'f, FollowerState> {
        desk.idle -= 1;
        self.call_one(&desk);
        drop(desk);
        outcome::discard(what);
        let mut desk = lock(&self.desk);
        desk.idle += 1;
        desk
    }

    /// Has a thread come, if there is a run for one. Whoever takes a run has the next one come.
    fn call_one(&self, desk: &FollowerState) {
        if desk.is_short() {
            self.wanted.notify_one();
        } else if desk.ready().is_some() {
            self.news.notify_one();
        }
    }
}

impl FollowerState {
    /// Where the next run of a call is that may have another thread work on it.
    fn ready(&self) -> Option<usize> {
        self.runs.iter().position(|run| {
            let OpenCall {
                threads, working, ..
            } = &*run.called;
            working.load(Ordering::Relaxed) < *threads
        })
    }

    /// Whether there are too few threads: fewer than there are to be, or there is a run, and nobody to
    /// take it.
    fn is_short(&self) -> bool {
        self.crew.len() < self.threads || self.idle == 0 && self.ready().is_some()
    }

    /// Whether the open calls can do without the thread of this number.
    fn can_spare(&self, number: usize) -> bool {
        let wanted: usize = self.calls.values().map(|called| called.threads).sum();
        number >= wanted.max(self.threads)
    }

    /// The number of a new thread, which has nothing to do yet.
    fn enlist(&mut self) -> usize {
        let is_free = |number: &usize| !self.crew.contains(number);
        let number = (0..=self.crew.len()).find(is_free);
        let number = number.expect("there is a number more than threads");
        self.crew.insert(number);
        self.idle += 1;
        number
    }

    /// Lets one go that has nothing to do.
    fn dismiss(&mut self, number: usize) {
        self.crew.remove(&number);
        self.idle -= 1;
    }

    /// Takes that run.
    fn take(&mut self) -> Option<QueuedChunk> {
        let run = self.runs.remove(self.ready()?)?;
        run.called.working.fetch_add(1, Ordering::Relaxed);
        self.idle -= 1;
        Some(run)
    }

    /// Learns that a thread is done with a run of this call, which may have ended meanwhile.
    fn take_back(&mut self, called: Arc<OpenCall>) {
        called.working.fetch_sub(1, Ordering::Relaxed);
        self.idle += 1;
        if !self.calls.contains_key(&called.number) {
            self.ended.push(called);
        }
    }

    /// Takes a message.
    fn put(&mut self, message: Message) {
        match message {
            Message::Begin {
                call,
                function,
                threads,
                ends_with,
                constants,
            } => {
                let begin = move || begin(&function, &constants);
                let threads = threads.unwrap_or(self.threads);
                let called = OpenCall {
                    number: call,
                    task: LazyLock::new(Box::new(begin)),
                    ends_with,
                    bound: AtomicUsize::new(usize::MAX),
                    threads,
                    working: AtomicUsize::new(0),
                };
                self.calls.insert(call, Arc::new(called));
            }
            Message::Run { call, start, items } => {
                let called = self.calls.get(&call).map(Arc::clone);
                self.runs.push_back(QueuedChunk {
                    called: called.expect("a run comes behind what it is about"),
                    start,
                    items,
                });
            }
            Message::Bound { call, position } => {
                if let Some(called) = self.calls.get(&call) {
                    // Relaxed: it only saves work.
                    called.bound.fetch_min(position, Ordering::Relaxed);
                }
            }
            Message::End { call } => self.ended.extend(self.calls.remove(&call)),
            Message::Shutdown => self.has_ended = true,
            Message::Results { .. } | Message::Refused { .. } => {
                unreachable!("a leader does not answer")
            }
        }
    }
}

/// The task of a call, or why there is none.
fn begin(function: &str, mut constants: &[u8]) -> TaskResult {
    let entry = registry::find(function).ok_or("there is no such function in this program")?;
    let begun = panic::catch_unwind(move || {
        let task = (entry.begin)(&mut constants)?;
        if !constants.is_empty() {
            return Err("more has come than its constants".to_owned());
        }
        Ok(task)
    });
    begun.unwrap_or_else(|payload| Err(words(payload)))
}

/// What comes of a run by this `thread`.
fn evaluate(run: &QueuedChunk, thread: usize, local: &mut Local) -> Message {
    let (call, start) = (run.called.number, run.start);
    let task = run.called.task.as_ref().map_err(Reason::clone);
    // Decoding constants says nothing of what an item takes.
    let begun = Instant::now();
    let evaluated = task.and_then(|task| {
        let portion = RemoteChunk {
            start,
            items: &run.items,
            bound: &run.called.bound,
            ends_with: run.called.ends_with,
        };
        // Items are caught one by one; what is read and written between them is not.
        let evaluated = AssertUnwindSafe(|| task.evaluate(local, portion));
        panic::catch_unwind(evaluated).unwrap_or_else(|payload| Err(words(payload)))
    });
    match evaluated {
        Ok(results) => Message::Results {
            call,
            start,
            thread,
            busy: begun.elapsed(),
            results,
        },
        Err(why) => Message::Refused { call, start, why },
    }
}

/// What a panic said.
fn words(payload: outcome::Payload) -> Reason {
    let words = outcome::message_or_note(&*payload).to_owned();
    outcome::discard(payload);
    words
}
