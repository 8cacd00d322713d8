//! Refusals: a program that was started in the wrong way ends with the reason.

use std::env;
use std::process;

use crate::launch;
use crate::outbox::Outbox;

/// The exit code of a process that was started in the wrong way.
const REFUSED: i32 = 2;

/// Ends this process, which cannot communicate with the others. Only the first one prints `why`.
fn refuse_process(why: &str) -> ! {
    if launch::rank_in_environment().unwrap_or(0) == 0 {
        eprintln!("parallelize: {why}");
    }
    process::exit(REFUSED);
}

/// Prints `why` and ends all ranks.
pub(crate) fn refuse_job(outbox: &Outbox, why: &str) -> ! {
    eprintln!("parallelize: {why}");
    outbox.abort(REFUSED);
}

/// Refuses the tasks of an `srun` that did not start MPI.
pub(crate) fn refuse_tasks(tasks: usize) -> ! {
    let mpi = if is_open_mpi() { "pmix" } else { "pmi2" };
    let program = env::args().collect::<Vec<_>>().join(" ");
    let cores =
        env::var("SLURM_CPUS_PER_TASK").map_or_else(|_| String::new(), |n| format!(" -c {n}"));
    refuse_process(&format!(
        "`srun` started {tasks} tasks without MPI, and each of them would do all of the work. \
         Start them with `srun --mpi={mpi} -n {tasks}{cores} {program}`"
    ));
}

/// Refuses ranks that the launcher of another MPI started.
pub(crate) fn refuse_foreign_launcher(started: usize) -> ! {
    let version = mpi::environment::library_version().unwrap_or_default();
    let mpi = version.split([',', '\n']).next().unwrap_or_default();
    refuse_process(&format!(
        "{started} ranks were started, but they cannot find each other. This program was built \
         with {mpi}: start it with that, or build it with the MPI of the launcher"
    ));
}

pub(crate) fn is_open_mpi() -> bool {
    mpi::environment::library_version().is_ok_and(|version| version.starts_with("Open MPI"))
}
