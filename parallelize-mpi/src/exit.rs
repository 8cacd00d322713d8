//! The end of rank 0 by `exit`.
//!
//! If a process exits with 0 without finalising MPI, Open MPI's `mpirun` considers it failed,
//! prints a page about it and exits with 1. So `exit` has to leave like the end of `main` does.

use std::sync::OnceLock;
use std::time::Duration;

use crate::outbox::Outbox;

/// The outbox of rank 0.
static OUTBOX: OnceLock<Outbox> = OnceLock::new();

/// Registers rank 0, so that it leaves at the end of the process.
pub(crate) fn leave_at_exit(outbox: Outbox) {
    // An error is impossible: MPI is initialised only once.
    _ = OUTBOX.set(outbox);
}

/// Leaves. `exit` calls it on the thread that exits, while the other threads still run. One of them
/// may be leaving too.
#[dtor::dtor(unsafe)]
fn at_exit() {
    // With a limit: a rank that does not answer must not block the exit.
    if let Some(outbox) = OUTBOX.get() {
        outbox.leave(Duration::from_secs(5));
    }
}
