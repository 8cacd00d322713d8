//! Items that end their processes, under the settings of a job and its last calls together.

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::Duration;
use std::{env, fs, process, thread};

use parallelize::{Outcome, Stop, parallel};

use crate::Named;

pub(crate) const TESTS: &[Named] = &[
    (
        "a_journal_keeps_all_but_the_deaths",
        a_journal_keeps_all_but_the_deaths,
    ),
    ("a_stop_and_deaths_together", a_stop_and_deaths_together),
    (
        "streams_end_at_the_lowest_death",
        streams_end_at_the_lowest_death,
    ),
    (
        "state_of_a_process_ends_with_it",
        state_of_a_process_ends_with_it,
    ),
    (
        "the_state_is_no_part_of_an_item",
        the_state_is_no_part_of_an_item,
    ),
    ("a_report_speaks_of_processes", a_report_speaks_of_processes),
    (
        "jobs_of_several_threads_at_once",
        jobs_of_several_threads_at_once,
    ),
];

/// Ends its process for the items `fatal`, `fatal + 10` and so on.
#[parallel(cluster)]
fn fragile(x: u64, fatal: u64) -> (u64, u32) {
    if x % 10 == fatal {
        process::exit(7);
    }
    (x, process::id())
}

/// Returns whether `outcome` is what becomes of item `index` if those with `fatal` die.
fn is_expected(outcome: &Outcome<(u64, u32)>, index: usize, fatal: u64) -> bool {
    match outcome {
        Outcome::Done((x, _)) => *x == index as u64 && x % 10 != fatal,
        Outcome::Died(death) => death.index == index && index as u64 % 10 == fatal,
        Outcome::Panicked(_) | Outcome::Skipped => false,
    }
}

fn a_journal_keeps_all_but_the_deaths() {
    let path = env::temp_dir().join(format!("journal of deaths {}", process::id()));
    let file = path.with_extension("fatal");
    let run = |fatal| {
        // A journal belongs to its constants, so a file says which items are fatal.
        fs::write(&file, [fatal]).expect("a file");
        let job = survivor_job(0..60, &file);
        let job = job.journal(&path).expect("a journal");
        job.processes(2).chunk_size(7).outcomes()
    };
    let first = run(3);
    for (index, outcome) in first.iter().enumerate() {
        assert!(is_expected(outcome, index, 3), "item {index}: {outcome:?}");
    }
    // What died is computed now, and nothing else.
    let second = run(200);
    for (index, (second, first)) in second.into_iter().zip(first).enumerate() {
        let second = second.done().expect("nothing is fatal");
        assert_eq!(second.0, index as u64);
        assert!(first.done().is_none_or(|first| first == second));
    }
    fs::remove_file(&file).expect("a file");
    fs::remove_file(path).expect("a journal");
}

/// Like [`fragile`], but `file` says which items are fatal.
#[parallel(cluster)]
fn survivor(x: u64, file: &Path) -> (u64, u32) {
    let fatal = fs::read(file).expect("a file");
    fragile(x, u64::from(fatal[0]))
}

fn a_stop_and_deaths_together() {
    for processes in [1, 3] {
        let stop = Stop::new();
        let job = fragile_job(0..1_000, 3).processes(processes).chunk_size(20);
        let mut seen = 0;
        let job = job.on_progress(|done, _| {
            seen = done;
            if done > 100 {
                stop.stop();
            }
        });
        let outcomes = job.outcomes_until(&stop);
        assert_eq!(outcomes.len(), 1_000);
        let begun = outcomes.iter().filter(|outcome| !outcome.is_skipped());
        assert!((100..1_000).contains(&begun.count()));
        for (index, outcome) in outcomes.iter().enumerate() {
            assert!(outcome.is_skipped() || is_expected(outcome, index, 3));
        }
        assert!(seen > 100);
    }
}

fn streams_end_at_the_lowest_death() {
    for (processes, chunk) in [(1, 0), (2, 1), (3, 9)] {
        let job = || {
            fragile_job(0..1_000, 8)
                .processes(processes)
                .chunk_size(chunk)
        };
        let mut taken = Vec::new();
        let stream = AssertUnwindSafe(|| {
            job().window(50).stream(|results| {
                for (x, _) in results {
                    taken.push(x);
                }
            });
        });
        let payload = panic::catch_unwind(stream).expect_err("item 8 dies");
        let message = payload.downcast_ref::<String>();
        assert_eq!(
            message.map(String::as_str),
            Some("item 8: exited with code 7")
        );
        assert_eq!(taken, (0..8).collect::<Vec<_>>());
    }
}

/// The state counts the items of its process.
#[parallel(cluster, local(count = 0_usize))]
fn counted(x: u64, count: &mut usize) -> (u64, u32, usize) {
    *count += 1;
    if x % 25 == 24 {
        process::exit(1);
    }
    (x, process::id(), *count)
}

fn state_of_a_process_ends_with_it() {
    let outcomes = counted_job(0..200).processes(2).chunk_size(5).outcomes();
    let mut counts = HashMap::new();
    for (_, id, count) in outcomes.into_iter().filter_map(Outcome::done) {
        let before: &mut usize = counts.entry(id).or_default();
        assert!(count <= 25 * 5 && count > *before);
        *before = count;
    }
    assert!(counts.len() >= 8);
}

/// Its state takes longer than an item may.
#[parallel(cluster, local(state = thread::sleep(Duration::from_millis(1_500))))]
fn prepared(x: u64, state: &mut ()) -> u64 {
    *state = ();
    x
}

fn the_state_is_no_part_of_an_item() {
    let job = prepared_job(0..4).processes(2);
    let outcomes = job.timeout(Duration::from_secs(1)).outcomes();
    assert!(outcomes.into_iter().filter_map(Outcome::done).eq(0..4));
}

fn a_report_speaks_of_processes() {
    let (results, report) = fragile_job(0..500, 10).processes(5).chunk_size(1).report();
    assert_eq!(
        (results.len(), report.items, report.busy.len()),
        (500, 500, 5)
    );
    let text = report.to_string();
    assert!(
        text.contains("5 processes") && text.contains("process 5"),
        "{text}"
    );
    assert!(
        !text.contains("thread") && !text.contains("helper"),
        "{text}"
    );
    assert!(report.timeline_svg().contains("process 5"));
}

fn jobs_of_several_threads_at_once() {
    thread::scope(|scope| {
        for fatal in 0..4 {
            scope.spawn(move || {
                let outcomes = fragile_job(0..100, fatal).processes(2).outcomes();
                for (index, outcome) in outcomes.iter().enumerate() {
                    assert!(
                        is_expected(outcome, index, fatal),
                        "item {index}: {outcome:?}"
                    );
                }
            });
        }
    });
}
