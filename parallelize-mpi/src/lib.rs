#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod cores;
mod exit;
mod hello;
mod launch;
mod mpi_thread;
mod outbox;
mod parts;

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::io::{self, Write as _};
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cores::Seat;
use parallelize_runtime::cluster::{Follower, Leader, Rank, Transport, check_registry};

use hello::Hello;
use launch::Launch;
use mpi_thread::Post;
use outbox::{Outbox, PANICKED};

/// What the tests of the messages themselves need. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::mpi_thread::{Place, Post};
    pub use crate::outbox::Outbox;
}

/// How long rank 0 waits for the other ranks until it says so.
const SILENCE: Duration = Duration::from_secs(10);

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
/// after [`exit`](process::exit), after a panic that leaves `main`, for which all ranks end at once.
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
        Launch::Alone => return Cluster(None),
        Launch::Single => {
            warn_of_unused_cores(&[Seat::of_this_process("this host")]);
            return Cluster(None);
        }
        Launch::Tasks(tasks) if is_open_mpi() => refuse_tasks(tasks),
        Launch::Tasks(_) | Launch::Together(_) => {}
    }
    let post = Post::open(SILENCE, tell_that_some_are_missing);
    let post = post.expect("MPI has been initialised before `join()`");
    let size = post.place().size;
    match launch {
        Launch::Tasks(tasks) if size == 1 => refuse_tasks(tasks),
        Launch::Together(Some(started)) if size == 1 && started > 1 => refuse_foreign(started),
        _ if post.place().rank == 0 => Cluster(Some(lead(&post))),
        _ => follow(&post),
    }
}

/// The ranks of this job, for as long as this lives: what [`join`] gives.
///
/// When it is dropped, the other ranks end, whatever they are doing. If that is because of a panic, all
/// ranks end at once, this one as well, with exit code 101.
#[must_use = "the other ranks end when this is dropped"]
pub struct Cluster(Option<Head>);

/// Rank 0 of several.
struct Head {
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
        let Some(Head { leader, outbox }) = self.0.take() else {
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
fn lead(post: &Post) -> Head {
    let outbox = post.outbox().clone();
    if let Err(error) = check_registry() {
        refuse(&outbox, &error);
    }
    let seats = gather(post, introduction(post));
    warn_of_unused_cores(&seats);
    let threads = cores::threads(&seats);
    for (rank, threads) in threads.iter().enumerate().skip(1) {
        outbox.hello(rank, threads.to_string().into_bytes());
    }
    start_pool(threads[0], &seats[0]);
    let ranks = seats.into_iter().zip(threads).enumerate();
    let mut ranks = ranks.map(|(number, (seat, threads))| Rank {
        number,
        host: seat.host,
        threads,
    });
    let me = ranks.next().expect("rank 0 is one of them");
    let leader = Leader::install(me, ranks.collect(), Arc::new(outbox.clone()));
    post.deliver(leader.inbox());
    exit::keep(outbox.clone());
    Head { leader, outbox }
}

/// Another rank: evaluates items until rank 0 has it leave, or ends.
fn follow(post: &Post) -> ! {
    let outbox = post.outbox();
    let hello = introduction(post);
    outbox.hello(0, hello.to_string().into_bytes());
    let threads = welcome(post);
    start_pool(threads, &hello.seat);
    let host = hello.seat.host;
    let me = Rank {
        number: post.place().rank,
        host,
        threads,
    };
    let follower = Arc::new(Follower::new(me, Arc::new(outbox.clone())));
    let inbox = Arc::clone(&follower);
    post.deliver(move |_, message| inbox.deliver(message));
    if catch_unwind(AssertUnwindSafe(|| follower.serve())).is_err() {
        outbox.abort(PANICKED);
    }
    // The thread of MPI ends the process, which it can do also while an item is being evaluated.
    loop {
        thread::park();
    }
}

/// What this rank says about itself.
fn introduction(post: &Post) -> Hello {
    let host = &post.place().host;
    Hello::of_this_process(host).unwrap_or_else(|error| {
        let rank = post.place().rank;
        refuse(
            post.outbox(),
            &format!("rank {rank} on {host} cannot read its own program: {error}"),
        )
    })
}

/// Where all ranks are, in their order. Each of them has to run the same program.
fn gather(post: &Post, mine: Hello) -> Vec<Seat> {
    let mut others = BTreeMap::new();
    while others.len() + 1 < post.place().size {
        let Some((rank, said)) = post.hello(SILENCE) else {
            tell_who_is_missing(post.place().size, &others);
            continue;
        };
        let host = Hello::host(&said);
        match Hello::parse(&said) {
            Some(hello) if hello.is_same_build(&mine) => others.insert(rank, hello),
            _ => refuse(
                post.outbox(),
                &format!(
                    "rank {rank} on {host} runs another build of this program than rank 0 on {}: \
                     each host needs the same file",
                    mine.seat.host
                ),
            ),
        };
    }
    let hellos = iter::once(mine).chain(others.into_values());
    hellos.map(|hello| hello.seat).collect()
}

/// While MPI waits, which tells nobody for whom.
fn tell_that_some_are_missing() {
    if launch::number() == Some(0) {
        eprintln!("parallelize: still waiting for all ranks to call `parallelize_mpi::join()`");
    }
}

fn tell_who_is_missing(size: usize, heard: &BTreeMap<usize, Hello>) {
    let missing = (1..size).filter(|rank| !heard.contains_key(rank));
    let missing: Vec<_> = missing.map(|rank| rank.to_string()).collect();
    let missing = missing.join(", ");
    eprintln!("parallelize: still waiting for rank {missing} to call `parallelize_mpi::join()`");
}

/// Waits until rank 0 has heard of all ranks. It says how many threads this one is to have.
fn welcome(post: &Post) -> usize {
    loop {
        if let Some((_, threads)) = post.hello(Duration::MAX) {
            let threads = std::str::from_utf8(&threads)
                .ok()
                .and_then(|threads| threads.parse().ok());
            return threads.expect("rank 0 of this build says a number");
        }
    }
}

/// Starts the threads of this rank, unless the program has started its own, or somebody has told rayon
/// how many it is to start.
fn start_pool(threads: usize, seat: &Seat) {
    if seat.asked.is_none() {
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global();
    }
}

fn warn_of_unused_cores(seats: &[Seat]) {
    if let Some(complaint) = cores::complaint(seats, launch::is_by_slurm()) {
        eprintln!("parallelize: {complaint}");
    }
}

fn is_open_mpi() -> bool {
    mpi::environment::library_version().is_ok_and(|version| version.starts_with("Open MPI"))
}

/// Ends a process that cannot know of the others. One of them says why.
fn refuse_alone(why: &str) -> ! {
    if launch::number().unwrap_or(0) == 0 {
        eprintln!("parallelize: {why}");
    }
    process::exit(exit::REFUSED);
}

/// Ends all ranks.
fn refuse(outbox: &Outbox, why: &str) -> ! {
    eprintln!("parallelize: {why}");
    outbox.abort(exit::REFUSED);
}

fn refuse_tasks(tasks: usize) -> ! {
    let mpi = if is_open_mpi() { "pmix" } else { "pmi2" };
    let program = env::args().collect::<Vec<_>>().join(" ");
    let cores =
        env::var("SLURM_CPUS_PER_TASK").map_or_else(|_| String::new(), |n| format!(" -c {n}"));
    refuse_alone(&format!(
        "`srun` has started {tasks} tasks without MPI, and each of them would do all of the work. \
         Start them with `srun --mpi={mpi} -n {tasks}{cores} {program}`"
    ));
}

fn refuse_foreign(started: usize) -> ! {
    let version = mpi::environment::library_version().unwrap_or_default();
    let mpi = version.split([',', '\n']).next().unwrap_or_default();
    refuse_alone(&format!(
        "{started} ranks were started, but they do not find each other. This program was built with \
         {mpi}: it has to be started by that, or built with the MPI of the launcher"
    ));
}
