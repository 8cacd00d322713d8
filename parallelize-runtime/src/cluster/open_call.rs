//! A call on a follower, and the chunks of it that arrive.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use super::message::{Message, StopOn};
use super::registry;
use super::task::{Begins, Local, RemoteChunk, TaskResult};
use crate::encoding::ErrorText;
use crate::outcome;

/// A call of the leader.
pub(crate) struct OpenCall {
    /// The number that the leader gave it.
    pub(crate) number: u64,
    /// The first thread that needs the constants decodes them.
    task: LazyLock<TaskResult, Box<dyn FnOnce() -> TaskResult + Send>>,
    stop_on: StopOn,
    sums: bool,
    /// The position from which on no item need begin. Relaxed, because it only saves work.
    bound: AtomicUsize,
    /// The number of threads of this rank that may work on it.
    pub(crate) threads: usize,
    /// The number of threads that work on it now. Changes only under the lock of the follower's
    /// state, and is therefore relaxed.
    working: AtomicUsize,
}

impl OpenCall {
    pub(crate) fn new(
        number: u64,
        function: String,
        constants: Vec<u8>,
        stop_on: StopOn,
        sums: bool,
        threads: usize,
    ) -> Self {
        Self {
            number,
            task: LazyLock::new(Box::new(move || begin(&function, &constants))),
            stop_on,
            sums,
            bound: AtomicUsize::new(usize::MAX),
            threads,
            working: AtomicUsize::new(0),
        }
    }

    /// Lets no item from `position` on begin.
    pub(crate) fn lower_bound(&self, position: usize) {
        self.bound.fetch_min(position, Ordering::Relaxed);
    }

    /// Returns whether the item at `position` need not begin.
    #[cfg(feature = "processes")]
    pub(crate) fn is_bounded(&self, position: usize) -> bool {
        position >= self.bound.load(Ordering::Relaxed)
    }

    /// Returns whether another thread may work on it.
    pub(crate) fn has_free_thread(&self) -> bool {
        self.working.load(Ordering::Relaxed) < self.threads
    }

    /// Notes that a thread begins to work on it.
    pub(crate) fn enter(&self) {
        self.working.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that a thread has stopped working on it.
    pub(crate) fn leave(&self) {
        self.working.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A chunk that no thread has taken yet.
pub(crate) struct QueuedChunk {
    pub(crate) call: Arc<OpenCall>,
    pub(crate) start: usize,
    pub(crate) items: Vec<u8>,
}

impl QueuedChunk {
    /// Evaluates the chunk on the calling thread, which has the number `thread` and whose own state
    /// is `local`. Calls `begins` before each item. Returns the reply to the leader.
    pub(crate) fn evaluate(
        &self,
        thread: usize,
        local: &mut Local,
        begins: Option<&Begins<'_>>,
    ) -> Message {
        let (call, start) = (self.call.number, self.start);
        let task = self.call.task.as_ref().map_err(ErrorText::clone);
        // After the constants are decoded: an item takes no longer because of them.
        let begun = Instant::now();
        let evaluated = task.and_then(|task| {
            let chunk = RemoteChunk {
                start,
                items: &self.items,
                bound: &self.call.bound,
                stop_on: self.call.stop_on,
                sums: self.call.sums,
                begins,
            };
            // The task catches panics of items. Decoding and encoding may panic, too.
            let evaluate = AssertUnwindSafe(|| task.evaluate(local, chunk));
            panic::catch_unwind(evaluate).unwrap_or_else(|payload| Err(message_of(payload)))
        });
        match evaluated {
            Ok(results) => Message::Results {
                call,
                start,
                thread,
                busy: begun.elapsed(),
                results,
            },
            Err(reason) => Message::Refused {
                call,
                start,
                reason,
            },
        }
    }
}

/// Begins a call of `function` with its encoded `constants`.
fn begin(function: &str, mut constants: &[u8]) -> TaskResult {
    let entry = registry::find(function).ok_or("this program has no such function")?;
    let begun = panic::catch_unwind(move || {
        let task = (entry.begin)(&mut constants)?;
        if !constants.is_empty() {
            return Err("there are more bytes than those of its constants".to_owned());
        }
        Ok(task)
    });
    begun.unwrap_or_else(|payload| Err(message_of(payload)))
}

/// Returns the message of a panic, or a note that it has none, and drops the payload.
fn message_of(payload: outcome::Payload) -> ErrorText {
    let message = outcome::message_or_note(&*payload).to_owned();
    outcome::discard(payload);
    message
}
