//! The start: the launch -> rank 0 with a cluster, another rank that serves, or a refusal.

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

/// Makes all ranks that were started together one cluster, until what it returns is dropped.
///
/// It returns on rank 0, so what follows happens once. The other ranks evaluate items inside of it,
/// and leave the process, with exit code 0, when rank 0 ends. What comes before it, say a logger or a
/// table, happens on every rank.
///
/// ```
/// println!("said on every rank");
/// let _cluster = parallelize_mpi::join();
/// println!("said once");
/// ```
///
/// A program that was started without MPI, or as the only rank, is a cluster of this machine alone: MPI
/// is not initialised, and every call runs here.
///
/// However rank 0 ends, the other ranks do, and the exit code is that of rank 0: when `main` returns,
/// after [`exit`](std::process::exit), after a panic that leaves `main`, for which all ranks end at once.
///
/// # Errors
///
/// There are none to handle. A program that was started in a way in which it cannot work says why on
/// stderr and ends with exit code 2: ranks run different builds of it; `srun` was not told to start
/// MPI, and each task would do all of the work; or it was built with an MPI that is not the launcher's;
/// or two of its functions have the same name.
///
/// # Panics
///
/// Panics if MPI is initialised already, by an earlier call or by other means.
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

/// The ranks of this job, for as long as this lives: what [`join`] gives.
///
/// When it is dropped, the other ranks end, whatever they are doing. If that is because of a panic, all
/// ranks end at once, this one as well, with exit code 101.
#[must_use = "the other ranks end when this is dropped"]
pub struct Cluster(Option<LeadingRank>);

/// Rank 0 of several.
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
            // Before anything else: a rank that is busy would be waited for otherwise.
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

/// Rank 0: learns of the others, tells them what they need, and is then ready for calls.
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
    let me = ranks.next().expect("rank 0 is one of them");
    let leader = Leader::install(me, ranks.collect(), Arc::new(outbox.clone()));
    mpi.deliver_to(leader.inbox());
    exit::leave_at_exit(outbox.clone());
    LeadingRank { leader, outbox }
}

/// Another rank: evaluates items until rank 0 has it leave, or ends.
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
    // The thread of MPI ends the process, which it can do also while an item is being evaluated.
    loop {
        thread::park();
    }
}

/// While MPI waits, which tells nobody for whom.
fn report_slow_start() {
    if launch::rank_in_environment() == Some(0) {
        eprintln!("parallelize: still waiting for all ranks to call `parallelize_mpi::join()`");
    }
}

/// Starts the threads of this rank, unless the program has started its own, or somebody has told rayon
/// how many it is to start.
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
