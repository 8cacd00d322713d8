//! `outcomes` beside the plain loop that catches each panic.

use std::any::Any;
use std::error::Error;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::{mem, thread};

use parallelize_runtime::__private::companion;
use parallelize_runtime::{ItemPanic, Outcome, job};

const THREADS: [usize; 4] = [0, 1, 2, 16];
const CHUNKS: [usize; 4] = [0, 1, 7, 1_000];

/// How often the panic hook was told of a message with `counted` in it.
static COUNTED: AtomicUsize = AtomicUsize::new(0);

/// Keeps panics that are made on purpose, which say `bad` or carry a [`Counted`], out of the output.
fn quiet() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let said = text(info.payload()).unwrap_or_default();
            if said.contains("counted") {
                COUNTED.fetch_add(1, Ordering::SeqCst);
            }
            if !said.contains("bad") && !info.payload().is::<Counted>() {
                loud(info);
            }
        }));
    });
}

fn text(payload: &(dyn Any + Send)) -> Option<&str> {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(payload.downcast_ref::<&str>().copied())
}

fn catch<R>(work: impl FnOnce() -> R) -> thread::Result<R> {
    quiet();
    panic::catch_unwind(AssertUnwindSafe(work))
}

/// Calls `test` with all combinations of threads and chunk sizes.
fn on_all(test: impl Fn(usize, usize)) {
    quiet();
    for threads in THREADS {
        for chunk in CHUNKS {
            test(threads, chunk);
        }
    }
}

/// The outcomes, each as its result or as what its panic reads like.
fn read<R>(outcomes: Vec<Outcome<R>>) -> Vec<Result<R, String>> {
    let read = |(at, outcome)| match outcome {
        Outcome::Done(result) => Ok(result),
        Outcome::Panicked(panic) => {
            let ItemPanic { index, .. } = panic;
            assert_eq!(index, at);
            Err(panic.to_string())
        }
        Outcome::Skipped => panic!("item {at} was skipped"),
    };
    outcomes.into_iter().enumerate().map(read).collect()
}

/// The plain loop.
fn looped<X, R>(
    items: impl IntoIterator<Item = X>,
    function: impl Fn(X) -> R,
) -> Vec<Result<R, String>> {
    let outcome = |(at, item)| {
        catch(|| function(item))
            .map_err(|payload| format!("item {at}: {}", text(&*payload).unwrap()))
    };
    items.into_iter().enumerate().map(outcome).collect()
}

#[test]
fn a_panic_is_the_outcome_of_its_item_and_of_no_other() {
    on_all(|threads, chunk| {
        for len in [0, 1, 2, 17, 300] {
            for one_in in [1, 2, 7, 1_000] {
                let function = |i: usize| {
                    assert!((i + 1) % one_in != 0, "{i} is bad");
                    i * 2
                };
                let expected = looped(0..len, function);
                let outcomes = job(0..len, function).threads(threads).chunk_size(chunk);
                assert_eq!(read(outcomes.outcomes()), expected);
                let unknown = (0..usize::MAX).map_while(|i| (i < len).then_some(i));
                let outcomes = job(unknown, function).chunk_size(chunk).threads(threads);
                assert_eq!(read(outcomes.outcomes()), expected);
                let mut left = 0..len;
                let outcomes = job(std::iter::from_fn(|| left.next()), function);
                let outcomes = outcomes.threads(threads).chunk_size(chunk);
                assert_eq!(read(outcomes.outcomes()), expected);
            }
        }
    });
}

#[test]
fn every_item_is_progress() {
    on_all(|threads, chunk| {
        let mut told = Vec::new();
        let bad = |i: usize| assert!(i % 3 != 0, "bad");
        let outcomes = job(0..100, bad)
            .threads(threads)
            .on_progress(|done, total| told.push((done, total)))
            .chunk_size(chunk)
            .outcomes();
        assert_eq!(outcomes.iter().filter(|it| it.is_panicked()).count(), 34);
        assert!(told.is_sorted() && told.iter().all(|told| told.1 == Some(100)));
        assert_eq!(told.last(), Some(&(100, Some(100))));
    });
}

#[test]
fn the_hook_runs_once_for_each_of_thousands() {
    quiet();
    for threads in [1, 16] {
        let before = COUNTED.load(Ordering::SeqCst);
        let outcomes = job(0..5_000, |i| -> usize { panic!("bad and counted {i}") })
            .threads(threads)
            .outcomes();
        assert!(outcomes.iter().all(Outcome::is_panicked));
        assert_eq!(COUNTED.load(Ordering::SeqCst) - before, 5_000);
    }
}

/// Counts itself, so that a leak or a second drop shows.
#[derive(Debug)]
struct Counted(usize, Arc<AtomicUsize>);

impl Counted {
    fn new(value: usize, live: &Arc<AtomicUsize>) -> Self {
        live.fetch_add(1, Ordering::SeqCst);
        Self(value, live.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        assert!(self.1.fetch_sub(1, Ordering::SeqCst) > 0, "dropped twice");
    }
}

#[test]
fn items_results_and_payloads_are_dropped_once() {
    on_all(|threads, chunk| {
        let live = Arc::default();
        let items: Vec<_> = (0..200).map(|i| Counted::new(i, &live)).collect();
        let function = |item: Counted| {
            let next = Counted::new(item.0, &live);
            if item.0 % 3 == 0 {
                panic::panic_any(next);
            }
            next
        };
        let outcomes = job(items, function).threads(threads).chunk_size(chunk);
        let outcomes = outcomes.outcomes();
        assert_eq!(live.load(Ordering::SeqCst), 200);
        for (i, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Done(next) => assert_eq!(next.0, i),
                Outcome::Panicked(panic) if i % 2 == 0 => {
                    assert_eq!(panic.payload.downcast_ref::<Counted>().unwrap().0, i);
                }
                Outcome::Panicked(panic) => {
                    let payload = panic.payload.into_inner();
                    assert_eq!(payload.downcast::<Counted>().unwrap().0, i);
                }
                Outcome::Skipped => unreachable!(),
            }
            assert_eq!(live.load(Ordering::SeqCst), 199 - i);
        }
    });
}

#[test]
fn a_panic_of_the_iterator_is_passed_on_and_nothing_leaks() {
    on_all(|threads, chunk| {
        for at in [0, 1, 50] {
            let live = Arc::default();
            let items = (0..100).map(|i| {
                assert!(i != at, "bad iterator");
                Counted::new(i, &live)
            });
            let caught = catch(|| {
                let function = |item: Counted| {
                    if item.0 % 2 == 1 {
                        panic::panic_any(Counted::new(0, &live));
                    }
                    item
                };
                let outcomes = job(items, function).threads(threads).chunk_size(chunk);
                mem::drop(outcomes.outcomes());
            });
            assert_eq!(text(&*caught.unwrap_err()), Some("bad iterator"));
            assert_eq!(live.load(Ordering::SeqCst), 0);
        }
    });
}

/// What a worker has for itself: half changed while an item runs.
struct Local<'t> {
    is_changing: bool,
    live: &'t AtomicUsize,
}

impl<'t> Local<'t> {
    fn new(made: &AtomicUsize, live: &'t AtomicUsize) -> Self {
        made.fetch_add(1, Ordering::SeqCst);
        live.fetch_add(1, Ordering::SeqCst);
        Self {
            is_changing: false,
            live,
        }
    }

    fn change(&mut self, item: usize) -> usize {
        assert!(!self.is_changing, "half changed");
        self.is_changing = true;
        assert!(item % 5 != 2, "bad");
        self.is_changing = false;
        item
    }
}

impl Drop for Local<'_> {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::SeqCst);
        if self.is_changing {
            // Evil to the second degree: what this carries panics as well when it is dropped.
            panic::panic_any(Counted(0, Arc::default()));
        }
    }
}

#[test]
fn after_a_panic_a_worker_has_everything_anew() {
    on_all(|threads, chunk| {
        let (made, live) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let outcomes = companion(
            Box::leak(Box::default()),
            0..100,
            || Local::new(&made, &live),
            Local::change,
        );
        let outcomes = outcomes.threads(threads).chunk_size(chunk);
        let outcomes = catch(|| outcomes.outcomes()).unwrap_or_else(|evil| {
            mem::forget(evil);
            panic!("what an item left half changed ended the call");
        });
        let plain = |i| {
            assert!(i % 5 != 2, "bad");
            i
        };
        assert_eq!(read(outcomes), looped(0..100, plain));
        assert_eq!(live.into_inner(), 0);
        let made = made.into_inner();
        if threads == 1 {
            assert_eq!(made, 21, "one, and one more after each of 20 panics");
        } else {
            assert!(made > 20, "{made} were made");
        }
    });
}

#[test]
fn an_item_for_which_nothing_can_be_made_has_panicked() {
    for chunk in CHUNKS {
        quiet();
        let fails = AtomicBool::new(true);
        let outcomes = companion(
            Box::leak(Box::default()),
            0..100,
            || assert!(!fails.swap(false, Ordering::SeqCst), "bad start"),
            |(), item| item,
        );
        let outcomes = read(outcomes.threads(1).chunk_size(chunk).outcomes());
        assert_eq!(outcomes[0], Err("item 0: bad start".to_owned()));
        assert!((1..100).all(|i| outcomes[i] == Ok(i)));
    }
}

/// The panic of a job of one item, which stands at index 3.
fn panic_of(function: impl Fn() + Sync) -> ItemPanic {
    quiet();
    let item = |i| {
        if i == 3 {
            function();
        }
    };
    match job(0..4, item).outcomes().pop() {
        Some(Outcome::Panicked(panic)) => panic,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_panic_reads_well() {
    let panic = panic_of(|| panic!("bad"));
    assert_eq!((panic.index, panic.message()), (3, "bad"));
    assert_eq!(panic.payload.downcast_ref::<&str>(), Some(&"bad"));
    assert!(format!("{panic:?}").contains("\"bad\""));

    let panic = panic_of(|| panic!("{} is bad", 1 + 1));
    assert_eq!(panic.to_string(), "item 3: 2 is bad");
    assert_eq!(
        *panic.payload.into_inner().downcast::<String>().unwrap(),
        "2 is bad"
    );

    let panic = panic_of(|| panic::panic_any(Counted::new(7, &Arc::default())));
    assert_eq!(panic.to_string(), "item 3: a panic without a message");
    assert_eq!(panic.payload.downcast_ref::<Counted>().unwrap().0, 7);
    assert!(panic.payload.downcast_ref::<&str>().is_none());
}

#[test]
fn a_panic_is_an_error_wherever_errors_go() {
    // What `anyhow::Error` asks for, too.
    fn fails(panic: ItemPanic) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(panic)?
    }
    let error = fails(panic_of(|| panic!("bad"))).unwrap_err();
    assert_eq!(error.to_string(), "item 3: bad");
    assert!(error.source().is_none());
    assert_eq!(error.downcast::<ItemPanic>().unwrap().index, 3);
}

#[test]
fn a_panic_goes_on_where_it_is_resumed() {
    let panic = panic_of(|| panic!("bad"));
    let resumed = catch(|| -> () { panic::resume_unwind(panic.payload.into()) });
    assert_eq!(text(&*resumed.unwrap_err()), Some("bad"));
}

#[test]
fn outcomes_of_outcomes() {
    on_all(|threads, chunk| {
        let inner = |i: usize| {
            let bad = |j| assert!(i * j != 12, "bad {i} x {j}");
            let inner = job(0..10, bad).threads(threads).chunk_size(chunk);
            inner
                .outcomes()
                .iter()
                .filter(|it| it.is_panicked())
                .count()
        };
        let outer = job(0..10, inner).threads(threads).chunk_size(chunk);
        let panicked = outer.outcomes().into_iter().filter_map(Outcome::done);
        // 2 x 6, 3 x 4, 4 x 3, 6 x 2
        assert!(panicked.eq([0, 0, 1, 1, 1, 0, 1, 0, 0, 0]));
    });
}
