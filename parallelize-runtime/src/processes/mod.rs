//! Other processes that evaluate the items of a job, so that an item which crashes, hangs or leaks
//! costs itself and nothing else: [`join`], and [`Job::processes`](crate::Job::processes).

// The processes are this program again. In each, `join` evaluates items instead of returning. A
// call runs on the same engine as all others: each of its threads has a process of its own, sends
// it the items of a chunk, and takes the results one by one as they are done. The process says
// which item it has begun. So if it dies, the thread knows what that item is, and sends what is
// left to another process.
//
// This room may use `call`, `cluster`, `work`, `schedule`, `outcome` and `encoding`.

mod child;
mod frame;
mod idle;
mod isolated;
mod isolated_worker;
mod serve;
mod supply;

use std::env;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::{self, net::UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

pub(crate) use isolated::Isolated;
pub(crate) use isolated_worker::IsolatedWorker;

/// Set in the environment of a process that evaluates items, to the number of the process that
/// started it.
const VARIABLE: &str = "PARALLELIZE_PROCESS";

/// Whether this process has joined, and may start others. Relaxed, as it orders nothing.
static HAS_JOINED: AtomicBool = AtomicBool::new(false);

/// Whether this process evaluates items for another one. Relaxed, as it orders nothing.
static IS_SERVING: AtomicBool = AtomicBool::new(false);

/// Lets other processes of this program evaluate the items of jobs with
/// [`processes(n)`](crate::Job::processes).
///
/// This belongs at the start of `main`: what stands before it runs in each of these processes, too,
/// with the same arguments. In such a process it evaluates items, and ends the process when there
/// are no more. Without a job with `processes(n)`, it starts nothing. In a program that also joins
/// a cluster, this comes first.
///
/// A job starts processes when it needs them. They stay for later jobs, and end when the result of
/// this function is dropped, or when this process ends, however that happens. What they print goes
/// where the output of this process goes. They have no standard input, and what stands before this
/// may not read it. On the terminal, Ctrl-C reaches this process only.
///
/// Processes need a Unix system: elsewhere, the cargo feature does not compile.
///
/// ```no_run
/// let _processes = parallelize::processes::join();
/// // .. the rest of `main`
/// ```
///
/// # Panics
///
/// Panics if two functions of `#[parallel(cluster)]` have the same name.
#[must_use = "the processes end when this is dropped"]
pub fn join() -> Processes {
    if let Err(reason) = crate::cluster::check_registry() {
        panic!("parallelize: {reason}");
    }
    if let Some(socket) = inherited_socket() {
        IS_SERVING.store(true, Ordering::Relaxed);
        serve::serve(socket);
    }
    HAS_JOINED.store(true, Ordering::Relaxed);
    Processes(())
}

/// A guard of the processes that evaluate items. When it is dropped, they end.
///
/// ```no_run
/// use parallelize::processes::{self, Processes};
///
/// struct App {
///     _processes: Processes,
/// }
///
/// let app = App { _processes: processes::join() };
/// // .. jobs with `.processes(n)`
/// drop(app);
/// ```
#[derive(Debug)]
pub struct Processes(());

impl Drop for Processes {
    fn drop(&mut self) {
        idle::end_all();
    }
}

/// Returns the socket to the process that started this one to evaluate items, if it did.
fn inherited_socket() -> Option<UnixStream> {
    let starter: u32 = env::var(VARIABLE).ok()?.parse().ok()?;
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    socket.local_addr().ok()?;
    // What an item starts has the variable as well, and its own standard input may be a socket. But
    // something else has started it. If the starter is no more, its socket has been closed, and
    // that ends this process.
    (unix::process::parent_id() == starter || !is_running(starter)).then_some(socket)
}

fn is_running(process: u32) -> bool {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    process.is_some_and(|process| test_kill_process(process) != Err(Errno::SRCH))
}
