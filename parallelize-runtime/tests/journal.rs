//! Jobs with a journal beside the plain loop, over many starts.
#![cfg(feature = "journal")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers are small here"
)]

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use parallelize_runtime::__private::{Constant, Key, Profile, keyed};
use parallelize_runtime::{Job, JournalError, JournalErrorKind, Outcome, Stop, Work, job};
use serde::{Deserialize, Serialize};

const THREADS: [usize; 4] = [0, 1, 2, 16];
const CHUNKS: [usize; 4] = [0, 1, 7, 1_000];

/// A path of a test's own, where nothing is in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let made = MADE.fetch_add(1, Ordering::SeqCst);
        let name = format!("parallelize-{}-{made}.journal", process::id());
        let path = std::env::temp_dir().join(name);
        _ = fs::remove_file(&path);
        Self(path)
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.0).unwrap()
    }

    fn put(&self, bytes: &[u8]) -> &Path {
        fs::write(&self.0, bytes).unwrap();
        &self.0
    }
}

impl AsRef<Path> for Scratch {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}

/// Keeps panics that are made on purpose, which say `bad` or of which journal they are, out of the
/// output.
fn catch<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let said = text(info.payload()).unwrap_or_default();
            if !said.contains("bad") && !said.contains("journal") {
                loud(info);
            }
        }));
    });
    panic::catch_unwind(AssertUnwindSafe(work))
        .map_err(|payload| text(&*payload).expect("it says something").to_owned())
}

fn text(payload: &(dyn Any + Send)) -> Option<&str> {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(payload.downcast_ref::<&str>().copied())
}

/// Calls `test` with all combinations of threads and chunk sizes.
fn on_all(test: impl Fn(usize, usize)) {
    for threads in THREADS {
        for chunk in CHUNKS {
            test(threads, chunk);
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    seed: u64,
    name: String,
    value: f64,
}

/// What there is to compute, in its plain form.
fn row(seed: u64) -> Row {
    Row {
        seed,
        name: format!("row {seed}"),
        value: (seed as f64).sqrt(),
    }
}

fn looped(rows: u64) -> Vec<Row> {
    (0..rows).map(row).collect()
}

/// A job of rows, which are counted where they are computed.
fn rows(
    rows: u64,
    computed: &AtomicUsize,
) -> Job<std::ops::Range<u64>, impl Work<u64, Output = Row>> {
    job(0..rows, move |seed| {
        computed.fetch_add(1, Ordering::SeqCst);
        row(seed)
    })
}

/// A number and how often [`rows`] was computed since.
fn reset(computed: &AtomicUsize) -> usize {
    computed.swap(0, Ordering::SeqCst)
}

#[test]
fn a_second_start_computes_nothing() {
    on_all(|threads, chunk| {
        for len in [0, 1, 2, 100] {
            let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
            for expected in [len as usize, 0, 0] {
                let job = rows(len, &computed)
                    .threads(threads)
                    .journal(&path)
                    .unwrap();
                assert_eq!(job.chunk_size(chunk).collect(), looped(len));
                assert_eq!(reset(&computed), expected);
            }
        }
    });
}

#[test]
fn after_any_number_of_items_only_the_others_are_computed() {
    on_all(|threads, chunk| {
        for first in [1, 7, 50, 99, 100] {
            let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
            let start = rows(100, &computed).journal(&path).unwrap();
            start.threads(threads).chunk_size(chunk).stream(|rows| {
                assert_eq!(rows.take(first).collect::<Vec<_>>(), looped(first as u64));
            });
            let before = reset(&computed);
            assert!(before >= first);
            // More items than before may come.
            let second = rows(120, &computed).chunk_size(chunk);
            let second = second.journal(&path).unwrap().threads(threads);
            assert_eq!(second.collect(), looped(120));
            assert_eq!(reset(&computed), 120 - before);
        }
    });
}

#[test]
fn every_last_call_knows_what_is_known() {
    let computed = AtomicUsize::new(0);
    for known in [0, 1, 40, 60] {
        let begun = Scratch::new();
        assert_eq!(
            rows(known, &computed)
                .journal(&begun)
                .unwrap()
                .collect()
                .len(),
            known as usize
        );
        let begun = begun.bytes();
        on_all(|threads, chunk| {
            let path = Scratch::new();
            let ready = || {
                reset(&computed);
                let job = rows(60, &computed).chunk_size(chunk).window(20);
                job.journal(path.put(&begun)).unwrap().threads(threads)
            };
            let is_done = |rows: Vec<Row>| {
                assert_eq!(rows, looped(60));
                assert_eq!(reset(&computed), 60 - known as usize);
            };
            is_done(ready().collect());
            is_done(ready().report().0);
            is_done(ready().stream(|rows| rows.collect()));
            is_done(
                ready()
                    .outcomes()
                    .into_iter()
                    .filter_map(Outcome::done)
                    .collect(),
            );
            let outcomes = ready().outcomes_until(&Stop::new());
            is_done(outcomes.into_iter().filter_map(Outcome::done).collect());
            let rows = ready().stream_unordered(|rows| rows.collect::<BTreeMap<_, _>>());
            is_done(rows.into_values().collect());
            let mut told = (0, None);
            is_done(
                ready()
                    .on_progress(|done, all| told = (done, all))
                    .collect(),
            );
            assert_eq!(told, (60, Some(60)));
        });
    }
}

#[test]
fn in_the_background_as_well() {
    let path = Scratch::new();
    for _ in 0..2 {
        let handle = job(0..100, row).threads(2).journal(&path).unwrap().spawn();
        assert_eq!(handle.join(), looped(100));
    }
}

#[test]
fn endless_iterators_are_drawn_only_as_far_as_they_are_known() {
    on_all(|threads, chunk| {
        let path = Scratch::new();
        let drawn = AtomicUsize::new(0);
        let mut furthest = 0;
        let endless = || (0_u64..).inspect(|_| _ = drawn.fetch_add(1, Ordering::SeqCst));
        for first in [3, 10, 5] {
            let rows = job(endless(), row).journal(&path).unwrap();
            let known = reset(&drawn);
            assert!(known <= furthest);
            let rows = rows.threads(threads).chunk_size(chunk);
            let rows: Vec<_> = rows.stream(|rows| rows.take(first).collect());
            assert_eq!(rows, looped(first as u64));
            furthest = furthest.max(known + reset(&drawn));
        }
        let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
        let until = |last: u64, stop: &Stop| {
            let function = |seed| {
                if seed == last {
                    stop.stop();
                }
                computed.fetch_add(1, Ordering::SeqCst);
                row(seed)
            };
            let job = job(0_u64.., function).journal(&path).unwrap();
            let outcomes = job.threads(threads).chunk_size(chunk).outcomes_until(stop);
            let mut done = 0;
            for (seed, outcome) in (0..).zip(outcomes) {
                if let Outcome::Done(found) = outcome {
                    assert_eq!(found, row(seed));
                    done += 1;
                }
            }
            (done, reset(&computed))
        };
        let (done, first) = until(300, &Stop::new());
        assert_eq!(done, first);
        let (done, second) = until(30_000, &Stop::after(Duration::from_millis(20)));
        assert!(done >= second && done <= first + second);
        let stop = Stop::new();
        stop.stop();
        assert_eq!(until(0, &stop), (0, 0));
    });
}

#[test]
fn a_file_cut_anywhere_goes_on() {
    let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
    // Several records.
    for len in [4, 7, 9] {
        rows(len, &computed).journal(&path).unwrap().collect();
    }
    reset(&computed);
    let whole = path.bytes();
    let mut last = usize::MAX;
    for end in 0..=whole.len() {
        let job = rows(9, &computed)
            .threads(2)
            .journal(path.put(&whole[..end]))
            .unwrap();
        assert_eq!(job.collect(), looped(9), "cut at {end}");
        let now = reset(&computed);
        assert!(now <= last);
        last = now;
        // And what was computed is behind what was whole.
        assert_eq!(
            rows(9, &computed).journal(&path).unwrap().collect(),
            looped(9)
        );
        assert_eq!(reset(&computed), 0, "cut at {end}");
    }
    assert_eq!(last, 0);
}

#[test]
fn a_changed_byte_is_never_a_wrong_result() {
    let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
    for len in [4, 7] {
        rows(len, &computed).journal(&path).unwrap().collect();
    }
    let whole = path.bytes();
    let header = {
        let path = Scratch::new();
        drop(rows(7, &computed).journal(&path).unwrap());
        path.bytes().len()
    };
    for at in 0..whole.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= change;
            let job = rows(7, &computed).threads(2).journal(path.put(&changed));
            assert_eq!(job.is_ok(), at >= header, "byte {at}");
            reset(&computed);
            if let Ok(job) = job {
                assert_eq!(job.collect(), looped(7), "byte {at}");
                let lost = reset(&computed);
                assert!(lost > 0, "byte {at}");
                // Other records are as they were, unless this one hides where they begin.
                if at < header + 8 || at + 8 > whole.len() {
                    assert!(lost < 7, "byte {at}");
                }
                // And what was computed again is found.
                let again = rows(7, &computed).journal(&path).unwrap();
                assert_eq!((again.collect(), reset(&computed)), (looped(7), 0));
            } else {
                assert_eq!(path.bytes(), changed);
            }
        }
    }
}

#[test]
fn what_is_behind_a_power_failure_is_cut() {
    let (path, computed) = (Scratch::new(), AtomicUsize::new(0));
    rows(5, &computed).journal(&path).unwrap().collect();
    reset(&computed);
    for tail in [vec![0; 5_000], vec![0xff; 5_000], b"anything".repeat(100)] {
        let torn = [path.bytes(), tail].concat();
        let job = rows(5, &computed).journal(path.put(&torn)).unwrap();
        assert_eq!((job.collect(), reset(&computed)), (looped(5), 0));
    }
}

/// A function with constants, as generated code has it.
fn scaled<'a, C: Serialize + Sync + 'a>(
    items: impl IntoIterator<Item = u64, IntoIter: Send + 'a> + 'a,
    constant: C,
) -> Job<impl Iterator<Item = u64> + Send + 'a, impl Work<u64, Output = Row> + 'a> {
    static PROFILE: Profile = Profile::new();
    keyed(
        &PROFILE,
        items,
        || (),
        constant,
        |_, (), seed| row(seed),
        |constant| Key::named("scaled").with("scale", Constant::new(constant).digest()),
    )
}

#[track_caller]
fn refused<J>(path: &Scratch, job: Result<J, JournalError>) -> JournalErrorKind {
    let error = job.err().expect("it is refused");
    assert_eq!(error.path, path.0);
    let text = error.to_string();
    assert!(
        text.starts_with(&format!("journal `{}`: ", path.0.display())),
        "{text}"
    );
    error.kind
}

#[test]
fn what_is_of_other_work_is_refused_and_left_alone() {
    let path = Scratch::new();
    let known: HashMap<u32, String> = (0..50).map(|i| (i, i.to_string())).collect();
    let constant = || (known.clone(), 7);
    scaled(0..10, constant()).journal(&path).unwrap().collect();
    let whole = path.bytes();

    // A map is in another order in another process, and here.
    let reordered: HashMap<u32, String> = known.clone().into_iter().collect();
    assert_eq!(
        scaled(vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9], (reordered, 7))
            .journal(&path)
            .unwrap()
            .collect(),
        looped(10)
    );

    let mut other = constant();
    other.0.insert(7, "8".to_owned());
    let kind = refused(&path, scaled(0..10, other).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Constant { name } if name == "scale"));
    let kind = refused(&path, scaled(0..10, (known.clone(), 8)).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Constant { name } if name == "scale"));
    let kind = refused(&path, job(0..10, row).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Function { found, .. } if found == "scaled"));
    let items = [0, 1, 2, 3, 4, 50, 6, 7, 8, 9];
    let kind = refused(&path, scaled(items, constant()).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Item { index: 5 }));
    let kind = refused(&path, scaled(0..9, constant()).journal(&path));
    assert!(matches!(kind, JournalErrorKind::Items { found: 9 }));
    let names = keyed(
        Box::leak(Box::default()),
        0..10_u64,
        || (),
        constant(),
        |_, (), seed| row(seed).name,
        |constant| Key::named("scaled").with("scale", Constant::new(constant).digest()),
    );
    let kind = refused(&path, names.journal(&path));
    assert!(matches!(kind, JournalErrorKind::Results { .. }));
    assert_eq!(path.bytes(), whole);

    let mut newer = whole.clone();
    newer[b"parallelize journal\n".len()] += 1;
    let kind = refused(&path, scaled(0..10, constant()).journal(path.put(&newer)));
    assert!(matches!(
        kind,
        JournalErrorKind::Version {
            found: 2,
            expected: 1
        }
    ));
    assert_eq!(path.bytes(), newer);

    for text in [&b"seed,value\n1,2\n"[..], b"p", b"parallel", &[0; 500]] {
        let found = scaled(0..10, constant()).journal(path.put(text));
        if b"parallelize".starts_with(text) {
            // As if the process had been killed at that very moment.
            assert_eq!(found.unwrap().collect(), looped(10));
        } else {
            assert!(matches!(refused(&path, found), JournalErrorKind::NoJournal));
            assert_eq!(path.bytes(), text);
        }
    }
}

#[test]
fn a_constant_without_a_digest_is_named() {
    static PROFILE: Profile = Profile::new();
    struct Model;
    let path = Scratch::new();
    let modelled = keyed(
        &PROFILE,
        0..10_u64,
        || (),
        Model,
        |_, (), seed| row(seed),
        |model| Key::named("modelled").with("model", Constant::new(model).digest()),
    );
    let error = modelled.journal(&path).unwrap_err().to_string();
    for part in [
        "`model` of `modelled`",
        "::Model` is not known to be",
        "derive",
        "closure",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!path.0.exists());
}

#[test]
fn a_path_without_a_file_is_an_error() {
    let path = Scratch(std::env::temp_dir().join("no such folder").join("journal"));
    let error = job(0..10, row).journal(&path).unwrap_err();
    assert!(
        matches!(&error.kind, JournalErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound)
    );
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn two_jobs_do_not_use_one_journal() {
    let path = Scratch::new();
    let first = job(0..10, row).journal(&path).unwrap();
    let kind = refused(&path, job(0..10, row).journal(&path));
    assert!(matches!(kind, JournalErrorKind::InUse));
    assert_eq!(first.collect(), looped(10));
    let again = job(0..10, row).journal(&path).unwrap();
    assert_eq!(again.collect(), looped(10));
}

#[test]
fn a_panic_is_computed_again_and_nothing_before_it_is() {
    on_all(|threads, chunk| {
        let path = Scratch::new();
        let (computed, fails) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = || {
            let function = |seed| {
                computed.fetch_add(1, Ordering::SeqCst);
                assert!(
                    seed != 30 || fails.load(Ordering::SeqCst) == 0,
                    "{seed} is bad"
                );
                row(seed)
            };
            job(0..60, function).chunk_size(chunk).threads(threads)
        };
        fails.store(1, Ordering::SeqCst);
        let failed = catch(|| start().journal(&path).unwrap().collect());
        assert_eq!(failed.unwrap_err(), "item 30: 30 is bad");
        let before = reset(&computed);
        let outcomes = catch(|| start().journal(&path).unwrap().outcomes()).unwrap();
        assert_eq!(reset(&computed), 60 - (before - 1));
        for (i, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Outcome::Done(done) => assert_eq!(*done, row(i as u64)),
                other => assert!(i == 30 && other.is_panicked()),
            }
        }
        fails.store(0, Ordering::SeqCst);
        assert_eq!(start().journal(&path).unwrap().collect(), looped(60));
        assert_eq!(reset(&computed), 1);
    });
}

#[test]
fn an_error_is_computed_again() {
    on_all(|threads, chunk| {
        let paths = [Scratch::new(), Scratch::new()];
        let (computed, fails) = (AtomicUsize::new(0), AtomicUsize::new(1));
        let checked = |seed: u64| {
            computed.fetch_add(1, Ordering::SeqCst);
            if seed == 30 && fails.load(Ordering::SeqCst) > 0 {
                return Err(format!("{seed} is out of reach"));
            }
            Ok(row(seed))
        };
        let start = || job(0..60_u64, checked).chunk_size(chunk).threads(threads);
        let looped: Vec<_> = (0..60).map(checked).collect();
        reset(&computed);
        let error = start()
            .journal(&paths[0])
            .unwrap()
            .try_collect()
            .unwrap_err();
        assert_eq!(error.to_string(), "item 30: 30 is out of reach");
        assert_eq!(
            start()
                .journal_ok(&paths[1])
                .unwrap()
                .try_collect()
                .unwrap_err(),
            error
        );
        assert_eq!(start().journal(&paths[0]).unwrap().collect(), looped);
        assert_eq!(start().journal_ok(&paths[1]).unwrap().collect(), looped);
        reset(&computed);
        fails.store(0, Ordering::SeqCst);
        assert_eq!(
            start().journal(&paths[0]).unwrap().try_collect(),
            Ok(self::looped(60))
        );
        assert_eq!(
            start().journal_ok(&paths[1]).unwrap().try_collect(),
            Ok(self::looped(60))
        );
        assert_eq!(reset(&computed), 2);
    });
}

#[test]
fn what_a_thread_has_for_itself_is_made_only_where_it_is_used() {
    let made = AtomicUsize::new(0);
    let path = Scratch::new();
    let start = || {
        let local = || made.fetch_add(1, Ordering::SeqCst);
        let job = parallelize_runtime::__private::companion(
            Box::leak(Box::default()),
            0..50_u64,
            local,
            |_: &mut usize, seed| row(seed),
        );
        job.threads(1).journal(&path).unwrap().collect()
    };
    for _ in 0..3 {
        assert_eq!(start(), looped(50));
    }
    assert_eq!(made.into_inner(), 1);
}

#[test]
fn results_come_back_as_they_were() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Unit,
        New(Box<Kind>),
        Pair(u8, char),
        Named { wide: u128, text: Option<String> },
    }
    type Deep = (Kind, Vec<f64>, BTreeMap<(u8, u8), Vec<()>>, Option<i128>);
    let deep = |i: u64| -> Deep {
        let kind = match i % 4 {
            0 => Kind::Unit,
            1 => Kind::New(Box::new(Kind::Unit)),
            2 => Kind::Pair(7, 'ß'),
            _ => Kind::Named {
                wide: u128::MAX - u128::from(i),
                text: (i % 8 == 3).then(String::new),
            },
        };
        let floats = vec![-0.0, f64::MIN_POSITIVE / 3.0, f64::INFINITY, 0.1 + 0.2];
        (
            kind,
            floats,
            BTreeMap::from([((1, 2), vec![(); 3])]),
            Some(i128::MIN),
        )
    };
    let path = Scratch::new();
    for _ in 0..2 {
        let found = job(0..20, deep).journal(&path).unwrap().collect();
        let looped: Vec<_> = (0..20).map(deep).collect();
        assert_eq!(format!("{found:?}"), format!("{looped:?}"));
    }
    let path = Scratch::new();
    for _ in 0..2 {
        let nan = job(0..20, |i: u64| f64::from_bits(0x7ff8_0000_0000_0000 | i));
        let bits = nan.journal(&path).unwrap().collect();
        assert!(
            bits.iter()
                .map(|nan| nan.to_bits())
                .eq((0..20).map(|i| 0x7ff8_0000_0000_0000 | i))
        );
    }
}

#[test]
fn a_long_result_is_written_by_itself() {
    let path = Scratch::new();
    let long = |i: usize| vec![i; 100_000];
    for _ in 0..2 {
        let found = job(0..10, long)
            .threads(2)
            .journal(&path)
            .unwrap()
            .collect();
        assert!(found.into_iter().eq((0..10).map(long)));
    }
}

#[test]
fn what_a_thread_leaves_is_written_though_it_does_nothing() {
    let path = Scratch::new();
    let len = || fs::metadata(&path).unwrap().len();
    let job = job(0..10, row).threads(1).journal(&path).unwrap();
    job.stream(|mut rows| {
        let before = len();
        rows.next();
        // The consumer is the only thread of the job.
        let begun = Instant::now();
        while len() == before {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "it is not written"
            );
            thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn items_that_cost_nothing_say_nothing_of_those_that_do() {
    let path = Scratch::new();
    let slow = |seed: u64| {
        if seed >= 5_000 {
            thread::sleep(Duration::from_millis(5));
        }
        seed
    };
    let start = |len| job(0..len, slow).threads(2).journal(&path).unwrap();
    start(5_000).collect();
    // On one thread it would be one.
    let (seeds, report) = start(5_040).report();
    assert!(seeds.into_iter().eq(0..5_040));
    let busy: Vec<_> = report
        .busy
        .iter()
        .filter(|busy| **busy > Duration::from_millis(40))
        .collect();
    assert_eq!(busy.len(), 2, "{report}");
}

/// Items that a program computes that is killed.
const KILLED: u64 = 400;

/// What the tests below start again.
#[test]
fn started_again() {
    let Ok(what) = std::env::var("STARTED_AGAIN") else {
        return;
    };
    let path = std::env::var("JOURNAL").unwrap();
    let threads = std::env::var("THREADS").unwrap().parse().unwrap();
    match what.as_str() {
        "rows" => {
            let log = OpenOptions::new()
                .append(true)
                .create(true)
                .open(format!("{path}.log"))
                .unwrap();
            let slowly = |seed: u64| {
                thread::sleep(Duration::from_millis(2));
                // One call, so that it is there as a whole.
                (&log).write_all(format!("{seed}\n").as_bytes()).unwrap();
                row(seed)
            };
            let rows = job(0..KILLED, slowly)
                .threads(threads)
                .journal(path)
                .unwrap()
                .collect();
            assert_eq!(rows, looped(KILLED));
        }
        "full" | "full outcomes" | "the rest" => {
            let computed = AtomicUsize::new(0);
            let text = |i: u64| {
                thread::sleep(Duration::from_micros(100));
                computed.fetch_add(1, Ordering::SeqCst);
                vec![i; 50]
            };
            let texts = job(0..2_000, text).threads(threads).journal(path).unwrap();
            if what == "full outcomes" {
                _ = texts.outcomes();
                return;
            }
            assert!(
                texts
                    .collect()
                    .into_iter()
                    .eq((0..2_000).map(|i| vec![i; 50]))
            );
            eprintln!("{}", computed.into_inner());
        }
        what => panic!("{what}"),
    }
}

fn start_again(what: &str, path: &Scratch, threads: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "started_again", "--nocapture"])
        .env("STARTED_AGAIN", what)
        .env("JOURNAL", &path.0)
        .env("THREADS", threads.to_string())
        .stdout(Stdio::null());
    command
}

#[test]
fn a_program_that_is_killed_goes_on() {
    for threads in [1, 4] {
        let path = Scratch::new();
        let log = PathBuf::from(format!("{}.log", path.0.display()));
        let computed = || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            text.lines()
                .map(|line| line.parse().unwrap())
                .collect::<Vec<u64>>()
        };
        for part in 1..=3 {
            let mut child = start_again("rows", &path, threads).spawn().unwrap();
            // At another moment each time.
            while computed().len() < 90 * part {
                assert_eq!(child.try_wait().unwrap(), None);
                thread::sleep(Duration::from_millis(1));
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(
            start_again("rows", &path, threads)
                .status()
                .unwrap()
                .success()
        );
        let mut computed = computed();
        let all = computed.len();
        computed.sort_unstable();
        computed.dedup();
        assert!(computed.into_iter().eq(0..KILLED));
        // At each end, those that were under way or had just ended: some milliseconds before.
        let twice = all - usize::try_from(KILLED).unwrap();
        assert!(
            twice <= 3 * threads * 40,
            "{twice} were computed twice on {threads} threads"
        );
        fs::remove_file(log).unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_and_what_is_there_stays() {
    for (what, threads) in [
        ("full", 1),
        ("full", 2),
        ("full outcomes", 1),
        ("full outcomes", 2),
    ] {
        let path = Scratch::new();
        let child = start_again(what, &path, threads);
        // No file may be longer than 64 KiB, and to try is no reason to be killed.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""])
            .arg(child.get_program())
            .args(child.get_args())
            .envs(
                child
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{what}: {said}");
        assert!(
            said.contains(&format!("journal `{}`: File too large", path.0.display())),
            "{said}"
        );
        // Whatever is there is whole, but for the last record.
        let before = path.bytes().len();
        assert!(before > 20_000, "{before}");
        let output = start_again("the rest", &path, threads).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let computed: usize = said.trim().parse().unwrap();
        assert!((500..1_950).contains(&computed), "{computed}");
    }
}

#[test]
fn many_threads_at_many_journals() {
    let shared = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            let shared = Arc::clone(&shared);
            scope.spawn(move || {
                let path = Scratch::new();
                for len in [10, 200, 1_000] {
                    let rows = rows(len, &shared)
                        .threads(3)
                        .journal(&path)
                        .unwrap()
                        .collect();
                    assert_eq!(rows, looped(len));
                }
            });
        }
    });
    assert_eq!(shared.load(Ordering::SeqCst), 4 * 1_000);
}
