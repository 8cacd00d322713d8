//! A rank that evaluates chunks that the leader sends.

use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::follower_state::FollowerState;
use super::message::Message;
use super::open_call::QueuedChunk;
use super::rank::Rank;
use super::task::Local;
use super::transport::Transport;
use crate::outcome;
use crate::sync::lock;

/// A follower's side of a cluster.
///
/// Each of its threads takes the next chunk that has arrived, and evaluates it by itself. So none
/// waits for a long item on another thread. The leader knows the number of threads and sends chunks
/// for all of them.
///
/// Each call has as many threads as it requests, so no call waits for the items of another. When a
/// call is over, threads that the open calls do not need end.
pub struct Follower {
    rank: Rank,
    transport: Arc<dyn Transport>,
    state: Mutex<FollowerState>,
    /// Wakes threads that evaluate: there may be a chunk, or something to drop.
    worker_wakeup: Condvar,
    /// Wakes the thread that starts them: there may be too few.
    spawner_wakeup: Condvar,
}

impl Follower {
    /// Makes a follower that has no calls yet. It replies over the `transport`.
    pub fn new(me: Rank, transport: Arc<dyn Transport>) -> Self {
        Self {
            state: Mutex::new(FollowerState::new(me.threads)),
            rank: me,
            transport,
            worker_wakeup: Condvar::new(),
            spawner_wakeup: Condvar::new(),
        }
    }

    /// Takes a message of the leader. The threads of [`Follower::serve`] act on it.
    pub fn deliver(&self, bytes: Vec<u8>) {
        let message = Message::from_bytes(bytes).expect("all ranks run the same build");
        let is_chunk = matches!(message, Message::Chunk { .. });
        let mut state = lock(&self.state);
        state.apply(message);
        if is_chunk {
            self.wake_one(&state);
        } else {
            self.worker_wakeup.notify_all();
            self.spawner_wakeup.notify_one();
        }
    }

    /// Starts threads and evaluates chunks until there are no further calls.
    ///
    /// # Panics
    ///
    /// Panics if no thread at all can be started.
    pub fn serve(&self) {
        thread::scope(|scope| {
            while let Some(thread) = self.wait_for_need() {
                let spawned = thread::Builder::new()
                    .name(format!("parallelize {thread} of rank {}", self.rank.number))
                    .spawn_scoped(scope, move || self.work(thread));
                if let Err(error) = spawned {
                    self.keep_to_started(thread, &error);
                    break;
                }
            }
        });
    }

    /// Waits until another thread is needed. Returns its number, or `None` if there are no further
    /// calls.
    fn wait_for_need(&self) -> Option<usize> {
        let is_idle = |state: &mut FollowerState| !state.needs_worker() && !state.is_shut_down();
        let state = self.spawner_wakeup.wait_while(lock(&self.state), is_idle);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        (!state.is_shut_down()).then(|| state.add_worker())
    }

    /// Leaves all work to the threads that have started, as `thread` could not be. Prints that on
    /// stderr.
    fn keep_to_started(&self, thread: usize, error: &io::Error) {
        let mut state = lock(&self.state);
        state.remove_worker(thread);
        let threads = state.keep_workers();
        assert!(threads > 0, "no thread can be started: {error}");
        self.worker_wakeup.notify_all();
        let rank = &self.rank;
        eprintln!("parallelize: {rank} has only {threads} threads: {error}");
    }

    /// Runs the thread with this number: evaluates chunks and sends the results.
    fn work(&self, thread: usize) {
        // The call of the latest chunk, and the thread's own state in it.
        let (mut call, mut local) = (0, None);
        while let Some(chunk) = self.next_chunk(thread, call, &mut local) {
            if mem::replace(&mut call, chunk.call.number) != call {
                outcome::discard(local.take());
            }
            let reply = chunk.evaluate(thread, &mut local, None);
            self.transport.send(0, Arc::new(reply.into_bytes()));
            lock(&self.state).chunk_finished(chunk.call);
        }
        outcome::discard(local);
    }

    /// Waits for the next chunk for this `thread`, whose `local` state is of `call`. Returns `None`
    /// when the thread has to end.
    fn next_chunk(&self, thread: usize, call: u64, local: &mut Local) -> Option<QueuedChunk> {
        let mut state = lock(&self.state);
        loop {
            if let Some(closed) = state.take_closed() {
                state = self.discard(state, closed);
            } else if local.is_some() && !state.is_open(call) {
                state = self.discard(state, local.take());
            } else if let Some(chunk) = state.take_chunk() {
                self.wake_one(&state);
                return Some(chunk);
            } else if state.is_shut_down() || state.is_surplus(thread) {
                state.remove_worker(thread);
                return None;
            } else {
                let waited = self.worker_wakeup.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Drops `value` outside the lock, as that may take long. Other threads take chunks meanwhile.
    fn discard<'f>(
        &'f self,
        mut state: MutexGuard<'f, FollowerState>,
        value: impl Sized,
    ) -> MutexGuard<'f, FollowerState> {
        state.leave_idle();
        self.wake_one(&state);
        drop(state);
        outcome::discard(value);
        let mut state = lock(&self.state);
        state.enter_idle();
        state
    }

    /// Wakes one thread if there is a chunk for it, or the spawner if another thread is needed. A
    /// thread that takes a chunk wakes the next, so that one for each chunk is enough.
    fn wake_one(&self, state: &FollowerState) {
        if state.needs_worker() {
            self.spawner_wakeup.notify_one();
        } else if state.has_ready_chunk() {
            self.worker_wakeup.notify_one();
        }
    }
}
