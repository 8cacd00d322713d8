//! The end of rank 0, which is the end of all: by return, by `exit`, by panic.
//!
//! Open MPI's `mpirun` takes a process that exits with 0 and has not finalised MPI for a failed one,
//! prints a page about it and exits with 1. So `exit` has to do what the end of `main` does.

use std::sync::OnceLock;
use std::time::Duration;

use crate::outbox::Outbox;

/// Rank 0's.
static OUTBOX: OnceLock<Outbox> = OnceLock::new();

/// Has this rank leave at the end of the process.
pub(crate) fn leave_at_exit(outbox: Outbox) {
    // MPI is initialised once, and so is this.
    _ = OUTBOX.set(outbox);
}

/// Called by `exit`, in whatever thread, with the other threads still running. One of them may be about
/// to leave.
#[dtor::dtor(unsafe)]
fn at_exit() {
    // A rank that does not answer must not keep the process.
    if let Some(outbox) = OUTBOX.get() {
        outbox.leave(Duration::from_secs(5));
    }
}
