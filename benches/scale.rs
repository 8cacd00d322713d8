//! Measures `parallelize` on up to 256 threads. The items sleep, so that a few cores are enough.
//!
//! ```console
//! cargo bench --bench scale
//! ```
//!
//! Fails if an efficiency is below [`LEAST_EFFICIENCY`].

use std::process::ExitCode;
use std::sync::{Barrier, OnceLock};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parallelize::parallel;

const ITEM: Duration = Duration::from_millis(10);
const ITEMS_PER_THREAD: u32 = 100;
const LEAST_EFFICIENCY: f64 = 0.95;

fn main() -> ExitCode {
    let is_efficient = print_efficiency();
    println!();
    print_beginnings();
    if is_efficient {
        ExitCode::SUCCESS
    } else {
        eprintln!("an efficiency is below {LEAST_EFFICIENCY}");
        ExitCode::FAILURE
    }
}

#[parallel]
fn sleep(_item: u32) {
    thread::sleep(ITEM);
}

/// Prints the efficiencies and returns whether all of them are high enough.
fn print_efficiency() -> bool {
    println!("{ITEMS_PER_THREAD} items of {ITEM:?} for each thread\n");
    println!("| threads | ideal | equal shares, plain threads | ours | efficiency |");
    println!("|---:|---:|---:|---:|---:|");
    let ideal = ITEM * ITEMS_PER_THREAD;
    let mut is_efficient = true;
    for threads in [64, 128, 256] {
        let call = |items: u32| sleep_job(0..items).threads(threads as usize).collect();
        // The first call starts the threads.
        call(threads);
        let start = Instant::now();
        call(ITEMS_PER_THREAD * threads);
        let took = start.elapsed();
        let efficiency = ideal.as_secs_f64() / took.as_secs_f64();
        let plain = on_plain_threads(threads);
        println!("| {threads} | {ideal:?} | {plain:.3?} | {took:.3?} | {efficiency:.3} |");
        is_efficient &= efficiency >= LEAST_EFFICIENCY;
    }
    is_efficient
}

/// Returns the time of the same work on plain threads with equal shares. The machine causes its
/// difference to the ideal time.
fn on_plain_threads(threads: u32) -> Duration {
    let barrier = Barrier::new(threads as usize + 1);
    let start = thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                barrier.wait();
                (0..ITEMS_PER_THREAD).for_each(sleep);
            });
        }
        barrier.wait();
        Instant::now()
    });
    start.elapsed()
}

/// A call that has begun.
struct Call {
    caller: ThreadId,
    start: Instant,
    /// When the caller began its first item.
    first: OnceLock<Duration>,
}

#[parallel]
fn note_beginning(_item: usize, call: &Call) {
    if thread::current().id() == call.caller {
        call.first.get_or_init(|| call.start.elapsed());
    }
    thread::sleep(Duration::from_millis(1));
}

/// Prints how long the caller needs to request helpers before it begins its first item. The helpers
/// are asleep.
fn print_beginnings() {
    const CALLS: usize = 51;
    println!("The caller's first item, of {CALLS} calls\n");
    println!("| threads | begins after | at the latest |\n|---:|---:|---:|");
    for threads in [2, 4, 8, 16, 32, 64, 128, 256] {
        let mut times: Vec<_> = (0..CALLS).map(|_| beginning(threads)).collect();
        times.sort_unstable();
        let (median, latest) = (times[CALLS / 2], times[CALLS - 1]);
        println!("| {threads} | {median:.1?} | {latest:.1?} |");
    }
}

fn beginning(threads: usize) -> Duration {
    thread::sleep(Duration::from_millis(5));
    let call = Call {
        caller: thread::current().id(),
        start: Instant::now(),
        first: OnceLock::new(),
    };
    note_beginning_job(0..4 * threads, &call)
        .threads(threads)
        .collect();
    call.first.into_inner().expect("the caller works as well")
}
