//! `join`: how the program was started -> a cluster on rank 0, service on other ranks, or a
//! refusal.

use std::fmt;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parallelize_runtime::cluster::{Follower, Leader, Rank, Transport, check_registry};

use crate::cores::{self, Binding};
use crate::exit;
use crate::handshake::{REPORT_AFTER, collect_hellos, own_hello, wait_for_thread_count};
use crate::launch::{self, Launch};
use crate::mpi_thread::MpiThread;
use crate::outbox::{Outbox, PANICKED};
use crate::refuse::{is_open_mpi, refuse_foreign_launcher, refuse_job, refuse_tasks};

/// Joins all ranks of this MPI job into one cluster, until the returned [`Cluster`] is dropped.
///
/// Returns on rank 0 only, so the code after it runs once. The other ranks evaluate items inside of
/// it. When rank 0 ends, they exit with code 0. The code before it, such as setting up a logger,
/// runs on every rank.
///
/// ```
/// println!("printed by every rank");
/// let _cluster = parallelize_mpi::join();
/// println!("printed once");
/// ```
///
/// If the program was started without MPI, or as the only rank, the cluster is this machine alone.
/// MPI is then not initialised, and every call runs here.
///
/// The other ranks end when rank 0 ends: when `main` returns, by [`exit`](std::process::exit), or
/// by a panic that leaves `main`. After such a panic, all ranks end at once. The exit code is that
/// of rank 0.
///
/// # Errors
///
/// Returns no errors. If the program cannot work, it prints the reason on stderr and exits with
/// code 2. The reasons are:
///
/// - The ranks run different builds of the program.
/// - `srun` did not start MPI, so that each task would do all of the work.
/// - The program was built with another MPI than the launcher's.
/// - Two of its [`#[parallel(cluster)]`][cluster] functions have the same name.
///
/// # Panics
///
/// Panics if MPI is initialised already, by an earlier call or by other means.
///
/// [cluster]: https://docs.rs/parallelize/latest/parallelize/attr.parallel.html#cluster
pub fn join() -> Cluster {
    let launch = Launch::of_this_process();
    match launch {
        Launch::WithoutMpi => return Cluster(None),
        Launch::OnlyRank => {
            warn_of_unused_cores(&[Binding::of_this_process("this host")]);
            return Cluster(None);
        }
        Launch::TasksWithoutMpi(tasks) if is_open_mpi() => refuse_tasks(tasks),
        Launch::TasksWithoutMpi(_) | Launch::Ranks(_) => {}
    }
    let mpi = MpiThread::open(REPORT_AFTER, report_slow_start);
    let mpi = mpi.expect("MPI has been initialised before `join()`");
    let size = mpi.info().size;
    match launch {
        Launch::TasksWithoutMpi(tasks) if size == 1 => refuse_tasks(tasks),
        Launch::Ranks(Some(started)) if size == 1 && started > 1 => {
            refuse_foreign_launcher(started)
        }
        _ if mpi.info().rank == 0 => Cluster(Some(lead(&mpi))),
        _ => follow(&mpi),
    }
}

/// The cluster of all ranks of this job. [`join`] returns it.
///
/// The other ranks end when it is dropped, whatever they are doing. If a panic drops it, all ranks
/// end at once, including this one, with exit code 101.
///
/// ```
/// let cluster = parallelize_mpi::join();
/// // .. calls that run on all ranks
///
/// // Frees the other nodes, while this one writes the results.
/// drop(cluster);
/// ```
#[must_use = "the other ranks end when this is dropped"]
pub struct Cluster(Option<LeadingRank>);

/// Rank 0 of several ranks.
struct LeadingRank {
    leader: Leader,
    outbox: Outbox,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").finish_non_exhaustive()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Some(LeadingRank { leader, outbox }) = self.0.take() else {
            return;
        };
        if thread::panicking() {
            // Before the leader is dropped, which would wait for busy ranks.
            let _ = io::stdout().flush();
            outbox.abort(PANICKED);
        }
        drop(leader);
        outbox.leave(Duration::MAX);
    }
}

impl Transport for Outbox {
    fn send(&self, rank: usize, message: Arc<Vec<u8>>) {
        self.send(rank, message);
    }
}

/// Starts rank 0: does the handshake with the other ranks, starts the threads, installs the leader.
fn lead(mpi: &MpiThread) -> LeadingRank {
    let outbox = mpi.outbox().clone();
    if let Err(error) = check_registry() {
        refuse_job(&outbox, &error);
    }
    let bindings = collect_hellos(mpi, own_hello(mpi));
    warn_of_unused_cores(&bindings);
    let threads = cores::threads_per_rank(&bindings);
    for (rank, threads) in threads.iter().enumerate().skip(1) {
        outbox.send_hello(rank, threads.to_string().into_bytes());
    }
    start_pool(threads[0], &bindings[0]);
    let ranks = bindings.into_iter().zip(threads).enumerate();
    let mut ranks = ranks.map(|(number, (binding, threads))| Rank {
        number,
        host: binding.host,
        threads,
    });
    let me = ranks.next().expect("rank 0 is among the ranks");
    let leader = Leader::install(me, ranks.collect(), Arc::new(outbox.clone()));
    mpi.deliver_to(leader.inbox());
    exit::leave_at_exit(outbox.clone());
    LeadingRank { leader, outbox }
}

/// Serves on a rank other than 0: evaluates items until rank 0 tells it to leave, or ends.
fn follow(mpi: &MpiThread) -> ! {
    let outbox = mpi.outbox();
    let hello = own_hello(mpi);
    outbox.send_hello(0, hello.to_string().into_bytes());
    let threads = wait_for_thread_count(mpi);
    start_pool(threads, &hello.binding);
    let host = hello.binding.host;
    let me = Rank {
        number: mpi.info().rank,
        host,
        threads,
    };
    let follower = Arc::new(Follower::new(me, Arc::new(outbox.clone())));
    let inbox = Arc::clone(&follower);
    mpi.deliver_to(move |_, message| inbox.deliver(message));
    if catch_unwind(AssertUnwindSafe(|| follower.serve())).is_err() {
        outbox.abort(PANICKED);
    }
    // The thread that calls MPI ends the process. It can do so while an item is being evaluated.
    loop {
        thread::park();
    }
}

/// Prints that MPI waits for some ranks. MPI does not say for which.
fn report_slow_start() {
    if launch::rank_in_environment() == Some(0) {
        eprintln!("parallelize: still waiting for all ranks to call `parallelize_mpi::join()`");
    }
}

/// Starts the threads of this rank. Does nothing if the program has started rayon's threads, or if
/// the environment requests another number.
fn start_pool(threads: usize, binding: &Binding) {
    if binding.requested.is_none() {
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global();
    }
}

fn warn_of_unused_cores(bindings: &[Binding]) {
    if let Some(warning) = cores::unused_cores_warning(bindings, launch::is_started_by_slurm()) {
        eprintln!("parallelize: {warning}");
    }
}
