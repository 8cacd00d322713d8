//! What a follower knows: its open calls, the chunks that wait, and its threads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::message::Message;
use super::open_call::{OpenCall, QueuedChunk};

/// The open calls of a follower, the chunks that wait, and its threads.
pub(super) struct FollowerState {
    calls: BTreeMap<u64, Arc<OpenCall>>,
    queue: VecDeque<QueuedChunk>,
    /// Calls that are over. A worker drops them: constants may be large, or run user code when they
    /// are dropped, and the thread that delivers messages must not wait for that.
    closed: Vec<Arc<OpenCall>>,
    /// The number of threads for a call that requests no number. They stay while no call is open.
    default_threads: usize,
    /// The numbers of the threads.
    workers: BTreeSet<usize>,
    /// How many of them neither evaluate a chunk nor drop a value.
    idle: usize,
    is_shut_down: bool,
}

impl FollowerState {
    /// Makes the state of a follower with this number of threads, none of which has started.
    pub(super) fn new(threads: usize) -> Self {
        Self {
            calls: BTreeMap::new(),
            queue: VecDeque::new(),
            closed: Vec::new(),
            default_threads: threads,
            workers: BTreeSet::new(),
            idle: 0,
            is_shut_down: false,
        }
    }

    /// Applies a message of the leader.
    pub(super) fn apply(&mut self, message: Message) {
        match message {
            Message::Open {
                call,
                function,
                threads,
                stop_on,
                sums,
                constants,
            } => {
                let threads = threads.unwrap_or(self.default_threads);
                let open = OpenCall::new(call, function, constants, stop_on, sums, threads);
                self.calls.insert(call, Arc::new(open));
            }
            Message::Chunk { call, start, items } => {
                let call = self.calls.get(&call).map(Arc::clone);
                self.queue.push_back(QueuedChunk {
                    call: call.expect("a call is opened before its first chunk"),
                    start,
                    items,
                });
            }
            Message::Bound { call, position } => {
                if let Some(call) = self.calls.get(&call) {
                    call.lower_bound(position);
                }
            }
            Message::Close { call } => self.closed.extend(self.calls.remove(&call)),
            Message::Shutdown => self.is_shut_down = true,
            Message::Results { .. } | Message::Refused { .. } => {
                unreachable!("a leader sends no replies")
            }
        }
    }

    /// Returns whether there are no further calls.
    pub(super) fn is_shut_down(&self) -> bool {
        self.is_shut_down
    }

    /// Returns whether the call with this number is open.
    pub(super) fn is_open(&self, call: u64) -> bool {
        self.calls.contains_key(&call)
    }

    /// Takes a call that is over, to be dropped.
    pub(super) fn take_closed(&mut self) -> Option<Arc<OpenCall>> {
        self.closed.pop()
    }

    /// Takes the next chunk that a thread may evaluate. The thread is no longer idle.
    pub(super) fn take_chunk(&mut self) -> Option<QueuedChunk> {
        let chunk = self.queue.remove(self.next_ready()?)?;
        chunk.call.enter();
        self.idle -= 1;
        Some(chunk)
    }

    /// Notes that a thread has evaluated a chunk of `call`, which may be over, and is idle again.
    pub(super) fn chunk_finished(&mut self, call: Arc<OpenCall>) {
        call.leave();
        self.idle += 1;
        if !self.is_open(call.number) {
            self.closed.push(call);
        }
    }

    /// Returns whether there is a chunk that a thread may evaluate.
    pub(super) fn has_ready_chunk(&self) -> bool {
        self.next_ready().is_some()
    }

    /// Returns the index in the queue of the next chunk whose call may have another thread.
    fn next_ready(&self) -> Option<usize> {
        let mut queue = self.queue.iter();
        queue.position(|chunk| chunk.call.has_free_thread())
    }

    /// Notes that an idle thread is busy with something other than a chunk.
    pub(super) fn leave_idle(&mut self) {
        self.idle -= 1;
    }

    /// Notes that such a thread is idle again.
    pub(super) fn enter_idle(&mut self) {
        self.idle += 1;
    }

    /// Returns whether another thread has to be started: if there are fewer than the default, or if
    /// a chunk is ready and no thread is idle.
    pub(super) fn needs_worker(&self) -> bool {
        self.workers.len() < self.default_threads || self.idle == 0 && self.has_ready_chunk()
    }

    /// Returns whether the open calls need no thread with this number.
    pub(super) fn is_surplus(&self, number: usize) -> bool {
        let needed: usize = self.calls.values().map(|call| call.threads).sum();
        number >= needed.max(self.default_threads)
    }

    /// Adds a thread, which is idle. Returns its number, the lowest that is free.
    pub(super) fn add_worker(&mut self) -> usize {
        let is_free = |number: &usize| !self.workers.contains(number);
        let number = (0..=self.workers.len()).find(is_free);
        let number = number.expect("there are more numbers than threads");
        self.workers.insert(number);
        self.idle += 1;
        number
    }

    /// Removes an idle thread.
    pub(super) fn remove_worker(&mut self, number: usize) {
        self.workers.remove(&number);
        self.idle -= 1;
    }

    /// Makes the current number of threads the default, so that no more are requested. Returns the
    /// number.
    pub(super) fn keep_workers(&mut self) -> usize {
        self.default_threads = self.workers.len();
        self.default_threads
    }
}
