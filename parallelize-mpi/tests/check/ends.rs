//! Checks of the ways in which a job ends.

use std::env;
use std::fs;
use std::process::{self, Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|_| panic!("not a number: {text}"))
}

/// Returns the rank that the launcher gave. It is known without MPI.
pub(crate) fn rank() -> usize {
    of_launcher(["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"]).unwrap_or(0)
}

/// Returns the number of ranks that the launcher gave. It is known without MPI.
pub(crate) fn size() -> usize {
    of_launcher(["OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS", "PMI_SIZE"]).unwrap_or(1)
}

/// Returns the number that Open MPI's `mpirun`, `srun` or MPICH's `mpiexec` gave.
fn of_launcher(names: [&str; 3]) -> Option<usize> {
    let value = names.iter().find_map(|name| env::var(name).ok());
    value.map(|value| number(&value))
}

/// Prints how long joining took, the number of threads for items, and the number of threads in all.
/// The last is 1 if MPI was not initialised, since MPI starts threads of its own.
pub(crate) fn join() {
    let start = Instant::now();
    let _cluster = parallelize_mpi::join();
    let took = start.elapsed();
    let all = fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    let threads = rayon::current_num_threads();
    println!("joined in {took:?} with {threads} threads for items; the process has {all}");
}

/// Like [`join`], but the rank `target` is late.
pub(crate) fn join_late(target: &str) {
    if rank() == number(target) {
        thread::sleep(Duration::from_secs(12));
    }
    join();
}

pub(crate) fn by_return(code: &str) -> ExitCode {
    let _cluster = parallelize_mpi::join();
    println!("printed once");
    ExitCode::from(number::<u8>(code))
}

pub(crate) fn by_error() -> Result<(), String> {
    let _cluster = parallelize_mpi::join();
    Err("this is why".into())
}

pub(crate) fn by_exit(code: &str) {
    let _cluster = parallelize_mpi::join();
    println!("printed once");
    process::exit(number(code));
}

pub(crate) fn by_exit_in_thread(code: &str) {
    let _cluster = parallelize_mpi::join();
    let code = number(code);
    let _ = thread::spawn(move || process::exit(code)).join();
}

/// Exits while another thread is about to leave.
pub(crate) fn by_exit_while_leaving(code: &str) {
    let cluster = parallelize_mpi::join();
    thread::spawn(|| drop(cluster));
    thread::sleep(Duration::from_micros(100));
    process::exit(number(code));
}

/// Panics on the rank `target` alone, while the others already wait for it.
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

/// Kills this process in a second if it is the rank `target`, as an operator or the kernel would.
pub(crate) fn die_soon(target: &str) {
    let start = Instant::now();
    die_when(target, move || start.elapsed() > Duration::from_secs(1));
}

/// Like [`die_soon`], but as soon as `holds` returns true.
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
