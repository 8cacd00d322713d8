//! Recorded calls for the tests of reports.

use std::thread;
use std::time::Duration;

use super::thread_stats::ThreadStats;
use super::{Recorder, Report};
use crate::observe::{Observer, WorkerId};
use crate::schedule::Gain;

/// A machine, and for how many milliseconds each of its threads evaluates an item. A thread with 0
/// evaluates none.
pub(super) type Machine<'m> = (&'m str, &'m [u64]);

/// Reports to `recorder` what a process on each of the `machines` does.
pub(super) fn join_all(recorder: &Recorder, machines: &[Machine<'_>]) {
    for (rank, (host, times)) in machines.iter().enumerate() {
        recorder.on_joined(rank, host, times.len());
    }
    let mut done = 0;
    for (rank, (_, times)) in machines.iter().enumerate() {
        for (thread, time) in times.iter().enumerate().filter(|(_, time)| **time > 0) {
            let time = Duration::from_millis(*time);
            let report = |by| recorder.on_chunk(by, done..done + 1, recorder.begun, time);
            match (rank, thread) {
                (0, 0) => report(WorkerId::Current),
                (0, _) => thread::scope(|scope| _ = scope.spawn(|| report(WorkerId::Current))),
                _ => report(WorkerId::Remote { rank, thread }),
            }
            done += 1;
        }
    }
}

/// Returns the report of a job that took 100 ms on these `machines`. The first of them has as many
/// cores as threads.
pub(super) fn on_machines(machines: &[Machine<'_>]) -> Report {
    let threads = machines[0].1.len();
    let recorder = Recorder::on_threads(threads);
    join_all(&recorder, machines);
    let mut report = recorder.report(Duration::from_millis(100));
    report.cores = threads;
    report
}

/// Returns the report of a job that took 100 ms. `busy` has the milliseconds for which each thread
/// was busy.
pub(super) fn on_threads(busy: &[u64]) -> Report {
    let mut report = Recorder::on_threads(0).finish();
    let caller = ThreadStats {
        has_arrived: true,
        ..ThreadStats::default()
    };
    report.items = 12_345;
    report.chunks = 1_000;
    report.wall = Duration::from_millis(100);
    report.busy = busy.iter().map(|ms| Duration::from_millis(*ms)).collect();
    report.threads = vec![caller; busy.len()];
    for (number, thread) in report.threads.iter_mut().enumerate() {
        thread.key.number = number;
    }
    report.cores = busy.len();
    report
}

/// Makes a gain from the nanoseconds that an item takes alone and on each of `workers` threads.
pub(super) fn gain(alone: f64, in_company: f64, workers: usize) -> Gain {
    Gain {
        alone: alone * 1e-9,
        in_company: in_company * 1e-9,
        workers,
    }
}
