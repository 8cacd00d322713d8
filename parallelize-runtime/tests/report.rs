//! The report of a job: its numbers add up, and its results are those of the plain loop.

mod support;

use std::hint::black_box;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use parallelize_runtime::__private::companion;
use parallelize_runtime::{Report, Serial, map};
use support::panics::message;
use support::{CHUNK_SIZES, THREADS, child, fresh, in_every_setting, new_profile};

/// Asserts what holds for every report.
fn assert_adds_up(report: &Report, threads: usize) {
    let Report {
        items,
        chunks,
        wall,
        ref busy,
        ref slowest,
        ..
    } = *report;
    assert!((1..=threads).contains(&busy.len()), "{busy:?}");
    assert!(
        busy.iter().all(|busy| *busy <= wall),
        "{busy:?} of {wall:?}"
    );
    let total: Duration = busy.iter().sum();
    // An item takes at least as long in company as alone.
    let most = total.as_secs_f64() / wall.as_secs_f64();
    assert!((0.0..=most + 1e-6).contains(&report.speedup()));
    if busy.len() == 1 {
        assert!((report.speedup() - most).abs() < 1e-6);
        assert!(report.is_speedup_measured());
    }
    assert!((0.0..=1.0).contains(&report.efficiency()));

    assert!(chunks <= items);
    assert_eq!(slowest.len(), chunks.min(5));
    assert!(slowest.is_sorted_by(|slow, next| slow.time >= next.time));
    assert!(slowest.iter().all(|slow| slow.items > 0));
    assert!(slowest.iter().all(|slow| slow.index + slow.items <= items));
    assert!(slowest.iter().map(|slow| slow.time).sum::<Duration>() <= total);
    assert_well_formed(&report.timeline_svg());
}

/// Asserts that the tags and quotes of an XML text match.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert!(!text.contains(['>', '&', '"']), "{text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split(' ').next().expect("a name");
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => (),
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
}

#[test]
fn results_are_those_of_the_loop_and_numbers_add_up() {
    for len in [0, 1, 2, 6, 7, 8, 1_000, 2_500] {
        let looped: Vec<_> = (0..len).map(|i| i * i).collect();
        for threads in THREADS {
            for chunk in CHUNK_SIZES {
                let job = fresh(0..len, |i| i * i).chunk_size(chunk).threads(threads);
                let (results, report) = job.report();
                assert_eq!(results, looped);
                assert_eq!(report.items, len);
                if chunk > 0 {
                    assert_eq!(report.chunks, len.div_ceil(chunk));
                }
                assert_adds_up(&report, threads);
            }
        }
    }
}

#[test]
fn an_iterator_of_unknown_length_is_counted() {
    for threads in THREADS {
        let odd = (0..2_000).filter(|i| i % 2 == 1);
        let (results, report) = fresh(odd, |i| i).threads(threads).chunk_size(7).report();
        assert_eq!((results.len(), report.items), (1_000, 1_000));
        assert_eq!(report.chunks, 1_000_usize.div_ceil(7));
        assert_adds_up(&report, threads);
    }
}

#[test]
fn a_report_names_the_slow_item() {
    in_every_setting(|threads, chunk| {
        let slow = |i| thread::sleep(Duration::from_millis(if i == 617 { 200 } else { 0 }));
        let job = fresh(0..1_200, slow).threads(threads).chunk_size(chunk);
        let (_, report) = job.report();
        // Other items may be slow as well if the machine paused. This one is among the slowest.
        let mut slowest = report.slowest.iter();
        let found = slowest.find(|slow| (slow.index..slow.index + slow.items).contains(&617));
        let found = found.expect("item 617 is among the slowest");
        assert!(found.time >= Duration::from_millis(200));
        assert!(chunk == 0 || found.items <= chunk);
        assert!(report.to_string().contains(&match found.items {
            1 => "item 617 ".to_owned(),
            _ => format!("items {} to", found.index),
        }));
    });
}

#[test]
fn every_thread_that_works_is_counted() {
    for threads in [2, 3, 16] {
        // Hangs unless `threads` items run at the same time.
        let barrier = Barrier::new(threads);
        let (_, report) = fresh(0..threads, |_| {
            barrier.wait();
            thread::sleep(Duration::from_millis(1));
        })
        .threads(threads)
        .report();
        assert_eq!(report.busy.len(), threads);
        let slept = Duration::from_millis(1);
        assert!(report.busy.iter().all(|busy| *busy >= slept), "{report:?}");
        assert_eq!((report.serial, report.chunks), (None, threads));
        assert_adds_up(&report, threads);
    }
}

#[test]
fn later_calls_know_what_items_took_in_earlier_ones() {
    let profile = new_profile();
    let call = || {
        let apply = |(): &(), (): &mut (), i| i;
        let job = companion(profile, 0..100, (), |()| (), apply);
        job.threads(2).report().1.serial
    };
    assert_eq!(call(), None);
    // Hangs unless calls learn that these items are cheap. On a busy machine, that may take a few.
    while call() != Some(Serial::Cheap) {}
}

#[test]
fn a_report_says_why_the_call_was_serial() {
    let (_, report) = fresh(0..100, |i| i).threads(1).report();
    assert_eq!(report.serial, Some(Serial::OneThread));
    assert!(report.to_string().contains("it had one thread"));
    for len in [0, 1] {
        let (_, report) = fresh(0..len, |i| i).threads(2).report();
        assert_eq!(report.serial, Some(Serial::FewItems));
        assert_eq!(report.busy.len(), 1);
    }
    let (_, report) = fresh(0..0, |i: i32| i).threads(2).report();
    assert_eq!((report.items, report.chunks), (0, 0));
    assert!(report.to_string().starts_with("no items in "));
}

#[test]
fn a_report_and_progress_combine_in_any_order() {
    in_every_setting(|threads, chunk| {
        let mut last = (0, None);
        let job = fresh(0..1_000, |i| i).threads(threads);
        let job = job.on_progress(|done, total| last = (done, total));
        let (results, report) = job.chunk_size(chunk).report();
        assert_eq!((results.len(), report.items), (1_000, 1_000));
        assert_eq!(last, (1_000, Some(1_000)));
    });
}

#[test]
fn report_panics_like_collect() {
    in_every_setting(|threads, chunk| {
        let job = || {
            let fail = |i| assert!(i % 400 != 399, "no {i}");
            fresh(0..1_000, fail).threads(threads).chunk_size(chunk)
        };
        let collected = message(|| job().collect());
        assert_eq!(collected, "item 399: no 399");
        assert_eq!(message(|| job().report()), collected);
    });
}

/// Does something only in the processes that the tests below start.
#[test]
fn child_process() {
    let Some(task) = child::task() else {
        return;
    };
    match &*task {
        "calls" => {
            assert_eq!(map(0..20, |i| i).len(), 20);
            assert!(fresh(0..30, |i| i).report().1.items == 30);
            let odd = |i| if i < 7 { Ok(i) } else { Err("seven") };
            assert!(fresh(0..20, odd).threads(1).try_collect().is_err());
            let fail = |i| assert!(i < 9);
            let call = || fresh(0..20, fail).threads(1).chunk_size(4).collect();
            assert!(panic::catch_unwind(AssertUnwindSafe(call)).is_err());
        }
        "many" => thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..50).for_each(|_| _ = fresh(0..9, |i| i).threads(3).collect()));
            }
        }),
        _ => panic!("unknown task {task}"),
    }
}

/// Returns what a child process with this `PARALLELIZE_REPORT` prints to stderr.
fn printed(value: &str, task: &str) -> String {
    let output = child::command("child_process", task)
        .env("PARALLELIZE_REPORT", value)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_environment_variable_prints_reports() {
    for value in ["", "0"] {
        assert_eq!(printed(value, "calls"), "");
    }
    let text = printed("1", "calls");
    let heads: Vec<_> = text
        .lines()
        .filter(|line| line.contains(" items in "))
        .collect();
    let [map, report, error, panic] = heads[..] else {
        panic!("{text}");
    };
    // Each report begins with the place of its call.
    let line = |words: &str| {
        1 + include_str!("report.rs")
            .lines()
            .position(|l| l.contains(words))
            .unwrap()
    };
    let place = |words: &str| format!("parallelize-runtime/tests/report.rs:{}:", line(words));
    assert!(map.starts_with(&place("assert_eq!(map(0..20")), "{map}");
    assert!(map.contains(": 20 items in "), "{map}");
    assert!(
        report.starts_with(&place("assert!(fresh(0..30")),
        "{report}"
    );
    assert!(report.contains(": 30 items in "), "{report}");
    assert!(
        error.starts_with(&place("assert!(fresh(0..20, odd)")),
        "{error}"
    );
    assert!(error.contains(": ended early: 7 items in "), "{error}");
    assert!(panic.contains(": ended early: 9 items in "), "{panic}");
}

#[test]
fn reports_of_concurrent_calls_do_not_mix() {
    let text = printed("1", "many");
    let heads = text.lines().filter(|line| {
        let place = "parallelize-runtime/tests/report.rs:";
        assert_eq!(
            line.matches(place).count(),
            usize::from(line.starts_with(place)),
            "{line}"
        );
        line.contains(": 9 items in ")
    });
    assert_eq!(heads.count(), 8 * 50);
}

/// Also if earlier calls had threads, and items that cost much less.
#[test]
fn one_thread_is_the_plain_loop_whatever_earlier_calls_had() {
    let report = |threads, rounds: u64| {
        let work = move |i| (0..rounds).fold(i, |x: u64, y| black_box(x ^ y));
        parallelize_runtime::job(0..2_000, work)
            .threads(threads)
            .report()
            .1
    };
    for _ in 0..20 {
        report(2, 300);
    }
    assert_eq!(report(1, 5_000).serial, Some(Serial::OneThread));
}
