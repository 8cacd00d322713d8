//! A table with a row for each function: the times of the plain loop and of the companion.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// How often each pair is timed. The median ignores two disturbed rounds, such as a first one with
/// cold files.
pub(crate) const ROUNDS: usize = 5;

pub(crate) struct Table {
    pub(crate) cores: usize,
    pub(crate) rows: Vec<Row>,
}

pub(crate) struct Row {
    pub(crate) function: &'static str,
    plain: Duration,
    parallel: Duration,
}

impl Row {
    pub(crate) fn speedup(&self) -> f64 {
        self.plain.as_secs_f64() / self.parallel.as_secs_f64()
    }
}

impl Table {
    pub(crate) fn new() -> io::Result<Self> {
        let cores = thread::available_parallelism()?.get();
        println!("function             items    loop time   parallel time   speed-up   cores");
        Ok(Self {
            cores,
            rows: Vec::new(),
        })
    }

    /// Times both functions in turn and adds the medians to the table. A machine that slows down
    /// slows both.
    ///
    /// Returns the results. Returns an error if they differ in any round.
    pub(crate) fn compare<R>(
        &mut self,
        function: &'static str,
        plain: impl Fn() -> Vec<R>,
        parallel: impl Fn() -> Vec<R>,
        same: impl Fn(&R, &R) -> bool,
    ) -> Result<Vec<R>, String> {
        let mut plain_times = [Duration::ZERO; ROUNDS];
        let mut parallel_times = [Duration::ZERO; ROUNDS];
        let mut results = Vec::new();
        for round in 0..ROUNDS {
            let expected = timed(&plain, &mut plain_times[round]);
            results = timed(&parallel, &mut parallel_times[round]);
            let agree = expected.iter().zip(&results).all(|(a, b)| same(a, b));
            if !agree || expected.len() != results.len() {
                return Err(format!(
                    "{function}: the results of the companion differ from those of the loop"
                ));
            }
        }
        let row = Row {
            function,
            plain: median(plain_times),
            parallel: median(parallel_times),
        };
        self.print(&row, results.len());
        self.rows.push(row);
        Ok(results)
    }

    fn print(&self, row: &Row, items: usize) {
        let [plain, parallel] = [row.plain, row.parallel].map(|time| time.as_secs_f64());
        println!(
            "{:<18} {items:>7} {plain:>10.3} s {parallel:>13.3} s {:>10.2} {:>7}",
            row.function,
            row.speedup(),
            self.cores,
        );
    }
}

fn timed<R>(work: impl Fn() -> R, time: &mut Duration) -> R {
    let start = Instant::now();
    let result = work();
    *time = start.elapsed();
    result
}

fn median(mut times: [Duration; ROUNDS]) -> Duration {
    times.sort_unstable();
    times[ROUNDS / 2]
}
