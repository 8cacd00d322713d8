//! Measures one contender in one row, and prints a number: see `run`.

mod spawn;
mod work;

use std::env;
use std::time::Instant;

use procspawn::Pool;

/// The number of workers of each contender.
const WORKERS: usize = 2;

enum Contender {
    Threads,
    Processes,
    Procspawn(Pool),
}

impl Contender {
    fn new(name: &str) -> Self {
        match name {
            "threads" => Self::Threads,
            "processes" => Self::Processes,
            "procspawn" => Self::Procspawn(Pool::new(WORKERS).expect("processes start")),
            _ => panic!("there is no contender `{name}`"),
        }
    }
}

fn main() {
    let _processes = parallelize::processes::join();
    procspawn::init();
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [contender, row] = &*arguments else {
        panic!("expected a contender and a row");
    };
    let start = Instant::now();
    let contender = Contender::new(contender);

    /// Makes a closure that takes items, and returns the results of this function.
    macro_rules! call {
        ($function:ident, $job:ident) => {
            |items: Vec<_>| match &contender {
                Contender::Threads => work::$job(items).threads(WORKERS).collect(),
                Contender::Processes => work::$job(items).processes(WORKERS).collect(),
                Contender::Procspawn(pool) => spawn::map(pool, items, work::$function),
            }
        };
    }

    let number = match &**row {
        "1ms" => speedup(400, work::ms1, call!(ms1, ms1_job)),
        "10ms" => speedup(60, work::ms10, call!(ms10, ms10_job)),
        "cheap" => time(50_000, |i| i, call!(increment, increment_job)),
        "lists" => time(50, work::thousand, call!(increment_all, increment_all_job)),
        "text_in" => time(100, work::make_text, call!(take_text, take_text_job)),
        "text_out" => time(100, |i| i, call!(make_text, make_text_job)),
        "bytes_in" => time(100, work::make_bytes, call!(take_bytes, take_bytes_job)),
        "bytes_out" => time(100, |i| i, call!(make_bytes, make_bytes_job)),
        "vec_in" => time(100, work::make_vec, call!(take_vec, take_vec_job)),
        "vec_out" => time(100, |i| i, call!(make_vec, make_vec_job)),
        "floats_in" => time(100, work::make_floats, call!(take_floats, take_floats_job)),
        "floats_out" => time(100, |i| i, call!(make_floats, make_floats_job)),
        "start" => {
            let results: Vec<_> = call!(ms10, ms10_job)(vec![0, 1]);
            assert_eq!(results.len(), 2);
            start.elapsed().as_secs_f64() - 0.010
        }
        _ => panic!("there is no row `{row}`"),
    };
    println!("{number}");
}

/// Returns the time of the plain loop divided by that of a call.
fn speedup(len: u32, function: fn(u32) -> u64, call: impl Fn(Vec<u32>) -> Vec<u64>) -> f64 {
    // The workers start.
    for _ in 0..2 {
        call((0..8).collect());
    }
    let timed = |run: &dyn Fn() -> Vec<u64>| {
        let start = Instant::now();
        let results = run();
        (start.elapsed().as_secs_f64(), results)
    };
    let plain = || timed(&|| (0..len).map(function).collect());
    // Before and after, since the cores may become faster or slower meanwhile.
    let (before, expected) = plain();
    let (time, results) = timed(&|| call((0..len).collect()));
    let (after, _) = plain();
    assert_eq!(results, expected);
    f64::midpoint(before, after) / time
}

/// Returns the seconds for each item of a second call; in the first one, the workers start.
fn time<T, R>(len: u32, item: impl Fn(u32) -> T, call: impl Fn(Vec<T>) -> Vec<R>) -> f64 {
    call((0..len).map(&item).collect());
    let items = (0..len).map(item).collect();
    let start = Instant::now();
    let results = call(items);
    let time = start.elapsed().as_secs_f64();
    assert_eq!(results.len(), len as usize);
    time / f64::from(len)
}
