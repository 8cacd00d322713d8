//! Calls against the plain loop.

use std::path::Path;
use std::time::Duration;
use std::{fs, process, thread};

use parallelize::{Outcome, Stop, parallel};

use crate::Named;

pub(crate) const TESTS: &[Named] = &[
    ("calls_are_those_of_the_loop", calls_are_those_of_the_loop),
    (
        "an_early_end_is_that_of_the_loop",
        an_early_end_is_that_of_the_loop,
    ),
    (
        "processes_are_kept_and_replaced",
        processes_are_kept_and_replaced,
    ),
    (
        "a_journal_keeps_what_processes_return",
        a_journal_keeps_what_processes_return,
    ),
    (
        "what_is_inside_an_item_stays_there",
        what_is_inside_an_item_stays_there,
    ),
    ("after_a_stop_no_item_begins", after_a_stop_no_item_begins),
];

#[parallel(cluster)]
fn scaled(x: u64, factors: &[u64], name: &str) -> Option<(u64, String)> {
    (x % 5 > 0).then(|| (x * factors[1], format!("{name} {x}")))
}

#[parallel(cluster, local(count = 0), each(start = |index| index as u64))]
fn counted(x: u64, count: &mut u64, start: u64) -> u64 {
    *count += 1;
    x + start + u64::from(*count == 0)
}

#[parallel(cluster)]
fn checked(x: u64) -> Result<u64, String> {
    if x % 100 == 70 {
        Err(format!("no {x}"))
    } else {
        Ok(x)
    }
}

#[parallel(cluster)]
fn id(_: u64) -> u32 {
    process::id()
}

#[parallel(cluster)]
fn nested(x: u64) -> (u64, Vec<u32>) {
    (x, id_job(0..3).processes(2).collect())
}

/// Runs `test` with each number of processes, and with chunks that are chosen or of this length.
fn in_every_setting(test: impl Fn(usize, usize)) {
    for processes in [1, 2, 5] {
        for chunk in [0, 1, 7] {
            test(processes, chunk);
        }
    }
}

fn calls_are_those_of_the_loop() {
    let factors = [1, 3];
    let expected: Vec<_> = (0..300).map(|x| scaled(x, &factors, "n")).collect();
    in_every_setting(|processes, chunk| {
        let job = || scaled_job(0..300, &factors, "n").processes(processes);
        let job = || job().chunk_size(chunk);
        assert_eq!(job().collect(), expected);
        assert_eq!(
            job().stream(|results| results.collect::<Vec<_>>()),
            expected
        );
        let mut unordered: Vec<_> = job().stream_unordered(|results| results.collect());
        unordered.sort_by_key(|(index, _)| *index);
        assert!(
            unordered
                .into_iter()
                .map(|(_, result)| result)
                .eq(expected.iter().cloned())
        );
        // An iterator of unknown length.
        let odd = (0..300).filter(|x| x % 2 == 1);
        let odd_job = counted_job(odd.clone())
            .processes(processes)
            .chunk_size(chunk);
        let loop_sum: u64 = odd.enumerate().map(|(index, x)| index as u64 + x).sum();
        assert_eq!(odd_job.sum::<u64>(), loop_sum);
        let mut done = 0;
        let (results, report) = job().on_progress(|now, _| done = now).report();
        assert_eq!((results.len(), done), (300, 300));
        assert!(!report.to_string().is_empty());
    });
    assert_eq!(id_job(0..0).processes(2).collect(), []);
}

fn an_early_end_is_that_of_the_loop() {
    in_every_setting(|processes, chunk| {
        let job = || checked_job(0..400).processes(processes).chunk_size(chunk);
        let error = job().try_collect().unwrap_err();
        assert_eq!((error.index, &*error.error), (70, "no 70"));
        assert_eq!(job().try_sum::<u64>().unwrap_err().index, 70);
        assert_eq!(job().stream(|results| results.take(3).count()), 3);
        let outcomes = job().outcomes();
        assert!(
            outcomes
                .into_iter()
                .filter_map(Outcome::done)
                .eq((0..400).map(checked))
        );
    });
}

fn processes_are_kept_and_replaced() {
    let ids = |items| {
        let mut ids = id_job(0..items).processes(2).chunk_size(1).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let first = ids(50);
    assert!(!first.contains(&process::id()) && first.len() <= 2);
    // Another call may need a process more than the first one, and no other.
    let second = ids(50);
    assert!(first.len() < 2 || second.iter().all(|id| first.contains(id)));

    let ids = id_job(0..100).processes(1).items_per_process(3).collect();
    for id in &ids {
        assert!(ids.iter().filter(|other| *other == id).count() <= 3);
    }
}

fn a_journal_keeps_what_processes_return() {
    let path = std::env::temp_dir().join(format!("journal of processes {}", process::id()));
    let run = || {
        let job = id_job(0..60).journal(&path).expect("a journal");
        job.processes(2).collect()
    };
    let first = run();
    assert!(!first.contains(&process::id()));
    // Nothing is computed again: a new process would have another number.
    let again = id_job(0..60)
        .journal(&path)
        .expect("a journal")
        .processes(1);
    assert_eq!(again.items_per_process(1).collect(), first);
    fs::remove_file(path).expect("a journal");
}

/// Waits until there is a file.
#[parallel(cluster)]
fn wait(x: u64, file: &Path) -> u64 {
    while !file.exists() {
        thread::sleep(Duration::from_millis(1));
    }
    x
}

/// Even if the items behind the one that runs have been sent already.
fn after_a_stop_no_item_begins() {
    let file = std::env::temp_dir().join(format!("stop of processes {}", process::id()));
    let stop = Stop::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            stop.stop();
            // By then the process knows.
            thread::sleep(Duration::from_secs(1));
            fs::write(&file, "").expect("a file");
        });
        let job = wait_job(0..20, &file).processes(1).chunk_size(10);
        let outcomes = job.outcomes_until(&stop);
        assert_eq!(outcomes.len(), 20);
        // The first item had begun, unless the machine was very busy.
        assert!(
            outcomes[1..].iter().all(Outcome::is_skipped),
            "{outcomes:?}"
        );
    });
    fs::remove_file(file).expect("a file");
}

fn what_is_inside_an_item_stays_there() {
    for (at, (x, ids)) in nested_job(0..4)
        .processes(2)
        .collect()
        .into_iter()
        .enumerate()
    {
        assert_eq!(x, at as u64);
        assert!(ids.iter().all(|id| *id == ids[0] && *id != process::id()));
    }
}
