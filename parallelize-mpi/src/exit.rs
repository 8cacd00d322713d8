//! The end of rank 0, which is the end of all: by return, by `exit`, by panic.
//!
//! Open MPI's `mpirun` takes a process that exits with 0 and has not finalised MPI for a failed one,
//! prints a page about it and exits with 1. So `exit` has to do what the end of `main` does.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::transport::Post;

/// The exit code of a process that has panicked.
pub(crate) const PANICKED: i32 = 101;

/// The exit code of a process that was started in a way in which it cannot work.
pub(crate) const REFUSED: i32 = 2;

/// Rank 0's, until it leaves.
static POST: Mutex<Option<Post>> = Mutex::new(None);

/// Has this rank leave at the end of the process.
pub(crate) fn keep(post: Post) {
    *POST.lock().unwrap_or_else(PoisonError::into_inner) = Some(post);
}

/// Ends the other ranks and finalises MPI, unless that has been done.
pub(crate) fn leave(limit: Duration) {
    let post = POST.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(post) = post {
        post.leave(limit);
    }
}

/// Called by `exit`, in whatever thread, with the other threads still running.
#[dtor::dtor(unsafe)]
fn at_exit() {
    // A rank that does not answer must not keep the process.
    leave(Duration::from_secs(5));
}
