//! The ways in which a job ends.

use std::env;
use std::fs;
use std::process::{self, Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("no number: {text}"))
}

/// As the launcher has it, also where MPI is not asked.
pub(crate) fn rank() -> usize {
    of_launcher(["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"]).unwrap_or(0)
}

pub(crate) fn size() -> usize {
    of_launcher(["OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "PMI_SIZE"]).unwrap_or(1)
}

/// What Open MPI's `mpirun`, `srun` or MPICH's `mpiexec` has said.
fn of_launcher(names: [&str; 3]) -> Option<usize> {
    let said = names.iter().find_map(|name| env::var(name).ok());
    said.map(|said| number(&said))
}

/// Tells how long it took to join, how many threads there are for items, and how many the process has:
/// one where MPI has not been initialised, which starts some of its own.
pub(crate) fn join() {
    let start = Instant::now();
    let _cluster = parallelize_mpi::join();
    let took = start.elapsed();
    let all = fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    let threads = rayon::current_num_threads();
    println!("joined in {took:?} with {threads} threads for items; the process has {all}");
}

/// The same, where one rank comes late.
pub(crate) fn join_late(target: &str) {
    if rank() == number(target) {
        thread::sleep(Duration::from_secs(12));
    }
    join();
}

pub(crate) fn by_return(code: &str) -> ExitCode {
    let _cluster = parallelize_mpi::join();
    println!("said once");
    ExitCode::from(number::<u8>(code))
}

pub(crate) fn by_error() -> Result<(), String> {
    let _cluster = parallelize_mpi::join();
    Err("this is why".into())
}

pub(crate) fn by_exit(code: &str) {
    let _cluster = parallelize_mpi::join();
    println!("said once");
    process::exit(number(code));
}

pub(crate) fn by_exit_in_thread(code: &str) {
    let _cluster = parallelize_mpi::join();
    let code = number(code);
    let _ = thread::spawn(move || process::exit(code)).join();
}

/// While another thread is about to leave.
pub(crate) fn by_exit_while_leaving(code: &str) {
    let cluster = parallelize_mpi::join();
    thread::spawn(|| drop(cluster));
    thread::sleep(Duration::from_micros(100));
    process::exit(number(code));
}

/// On one rank alone, while the others are already waiting for it.
pub(crate) fn panic_before(target: &str) {
    if rank() == number(target) {
        thread::sleep(Duration::from_millis(300));
        panic!("this is why");
    }
    let _cluster = parallelize_mpi::join();
}

pub(crate) fn panic_after() {
    let _cluster = parallelize_mpi::join();
    panic!("this is why");
}

pub(crate) fn by_kill(target: &str) {
    die_soon(target);
    let _cluster = parallelize_mpi::join();
    thread::sleep(Duration::from_secs(60));
}

/// Has an operator or the kernel kill this process in a second, if it is this rank.
pub(crate) fn die_soon(target: &str) {
    let start = Instant::now();
    die_when(target, move || start.elapsed() > Duration::from_secs(1));
}

/// The same, as soon as something holds.
pub(crate) fn die_when(target: &str, holds: impl Fn() -> bool + Send + 'static) {
    if rank() == number(target) {
        thread::spawn(move || {
            while !holds() {
                thread::sleep(Duration::from_millis(10));
            }
            let pid = process::id().to_string();
            let _ = Command::new("kill").args(["-9", &pid]).status();
        });
    }
}
