//! The processes that evaluate no items at the moment. They wait for the next call.

use std::mem;
use std::sync::Mutex;

use super::child::WorkerProcess;
use crate::sync::lock;

static IDLE: Mutex<Vec<WorkerProcess>> = Mutex::new(Vec::new());

/// Takes a process, one that has the constants of `call` if there is one.
pub(super) fn take(call: u64) -> Option<WorkerProcess> {
    let mut idle = lock(&IDLE);
    let has_constants = |process: &WorkerProcess| process.call == call;
    let index = idle.iter().position(has_constants);
    let index = index.or(idle.len().checked_sub(1));
    index.map(|index| idle.swap_remove(index))
}

/// Keeps a `process` for the next call.
pub(super) fn keep(process: WorkerProcess) {
    lock(&IDLE).push(process);
}

/// Tells the processes that have the constants of `call` to drop them, by this `message`.
pub(super) fn close(call: u64, message: &[u8]) {
    let mut idle = lock(&IDLE);
    for process in idle.iter_mut().filter(|process| process.call == call) {
        process.call = 0;
        // If it has died, that is found out when it is needed.
        _ = process.send(message);
    }
}

/// Ends all of them.
pub(super) fn end_all() {
    let idle = mem::take(&mut *lock(&IDLE));
    // First all, so that they end at the same time.
    idle.iter().for_each(WorkerProcess::hang_up);
}
