//! `outcomes` compared with a plain loop that catches each panic.

mod support;

use std::error::Error;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{mem, thread};

use parallelize_runtime::__private::companion;
use parallelize_runtime::{ItemPanic, Outcome, job};
use support::counted::Counted;
use support::panics::{self, text};
use support::{CHUNK_SIZES, in_every_setting_and_by_default, new_profile};

type Shared = Counted<Arc<AtomicUsize>>;

/// How many panics with `counted` in their message the hook has seen.
static COUNTED: AtomicUsize = AtomicUsize::new(0);

/// Prints nothing for panics that say `bad` or carry a [`Shared`].
fn silence() {
    panics::silence(|payload| {
        if panics::says(payload, "counted") {
            COUNTED.fetch_add(1, Ordering::SeqCst);
        }
        panics::says(payload, "bad") || payload.is::<Shared>()
    });
}

fn catch<R>(work: impl FnOnce() -> R) -> thread::Result<R> {
    silence();
    panic::catch_unwind(AssertUnwindSafe(work))
}

/// Calls `test` with every number of threads and every chunk size.
fn on_all(test: impl Fn(usize, usize)) {
    silence();
    in_every_setting_and_by_default(test);
}

/// Returns each outcome as its result or as the text of its panic.
fn read<R>(outcomes: Vec<Outcome<R>>) -> Vec<Result<R, String>> {
    let read = |(at, outcome)| match outcome {
        Outcome::Done(result) => Ok(result),
        Outcome::Panicked(panic) => {
            let ItemPanic { index, .. } = panic;
            assert_eq!(index, at);
            Err(panic.to_string())
        }
        Outcome::Died(death) => panic!("{death}"),
        Outcome::Skipped => panic!("item {at} was skipped"),
    };
    outcomes.into_iter().enumerate().map(read).collect()
}

/// Returns the outcomes of the plain loop.
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
fn a_panic_is_the_outcome_of_its_item_only() {
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
fn every_item_counts_as_progress() {
    on_all(|threads, chunk| {
        let mut steps = Vec::new();
        let bad = |i: usize| assert!(i % 3 != 0, "bad");
        let outcomes = job(0..100, bad)
            .threads(threads)
            .on_progress(|done, total| steps.push((done, total)))
            .chunk_size(chunk)
            .outcomes();
        assert_eq!(outcomes.iter().filter(|it| it.is_panicked()).count(), 34);
        assert!(steps.is_sorted() && steps.iter().all(|step| step.1 == Some(100)));
        assert_eq!(steps.last(), Some(&(100, Some(100))));
    });
}

#[test]
fn the_hook_runs_once_for_each_of_thousands_of_panics() {
    silence();
    for threads in [1, 16] {
        let before = COUNTED.load(Ordering::SeqCst);
        let outcomes = job(0..5_000, |i| -> usize { panic!("bad and counted {i}") })
            .threads(threads)
            .outcomes();
        assert!(outcomes.iter().all(Outcome::is_panicked));
        assert_eq!(COUNTED.load(Ordering::SeqCst) - before, 5_000);
    }
}

#[test]
fn items_results_and_payloads_are_dropped_once() {
    on_all(|threads, chunk| {
        let live = Arc::<AtomicUsize>::default();
        let counted = |i| Counted::new(i, Arc::clone(&live));
        let items: Vec<_> = (0..200).map(counted).collect();
        let function = |item: Shared| {
            let next = counted(item.0);
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
                    assert_eq!(panic.payload.downcast_ref::<Shared>().unwrap().0, i);
                }
                Outcome::Panicked(panic) => {
                    let payload = panic.payload.into_inner();
                    assert_eq!(payload.downcast::<Shared>().unwrap().0, i);
                }
                Outcome::Died(_) | Outcome::Skipped => unreachable!(),
            }
            assert_eq!(live.load(Ordering::SeqCst), 199 - i);
        }
    });
}

#[test]
fn a_panic_of_the_iterator_is_resumed_and_nothing_leaks() {
    on_all(|threads, chunk| {
        for at in [0, 1, 50] {
            let live = Arc::<AtomicUsize>::default();
            let counted = |i| Counted::new(i, Arc::clone(&live));
            let items = (0..100).map(|i| {
                assert!(i != at, "bad iterator");
                counted(i)
            });
            let caught = catch(|| {
                let function = |item: Shared| {
                    if item.0 % 2 == 1 {
                        panic::panic_any(counted(0));
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

/// A worker's local value. It is half changed while an item runs.
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
            // The count in the payload is 0, so that dropping the payload panics as well.
            panic::panic_any(Counted(0, Arc::<AtomicUsize>::default()));
        }
    }
}

#[test]
fn after_a_panic_a_worker_makes_its_local_anew() {
    on_all(|threads, chunk| {
        let (made, live) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let outcomes = companion(
            new_profile(),
            0..100,
            (),
            |()| Local::new(&made, &live),
            |(), local: &mut Local<'_>, item| local.change(item),
        );
        let outcomes = outcomes.threads(threads).chunk_size(chunk);
        let outcomes = catch(|| outcomes.outcomes()).unwrap_or_else(|payload| {
            mem::forget(payload);
            panic!("a half changed local ended the call");
        });
        let plain = |i| {
            assert!(i % 5 != 2, "bad");
            i
        };
        assert_eq!(read(outcomes), looped(0..100, plain));
        assert_eq!(live.into_inner(), 0);
        let made = made.into_inner();
        if threads == 1 {
            assert_eq!(
                made, 21,
                "the first, and another one after each of 20 panics"
            );
        } else {
            assert!(made > 20, "{made} were made");
        }
    });
}

#[test]
fn a_panic_while_a_local_is_made_is_the_outcome_of_the_item() {
    for chunk in CHUNK_SIZES {
        silence();
        let fails = AtomicBool::new(true);
        let outcomes = companion(
            new_profile(),
            0..100,
            (),
            |()| assert!(!fails.swap(false, Ordering::SeqCst), "bad start"),
            |(), (), item| item,
        );
        let outcomes = read(outcomes.threads(1).chunk_size(chunk).outcomes());
        assert_eq!(outcomes[0], Err("item 0: bad start".to_owned()));
        assert!((1..100).all(|i| outcomes[i] == Ok(i)));
    }
}

/// Returns the panic of `function`, called for the item at index 3.
fn panic_of(function: impl Fn() + Sync) -> ItemPanic {
    silence();
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
fn a_panic_gives_its_index_message_and_payload() {
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

    let panic = panic_of(|| panic::panic_any(Counted::new(7, Arc::<AtomicUsize>::default())));
    assert_eq!(panic.to_string(), "item 3: a panic without a message");
    assert_eq!(panic.payload.downcast_ref::<Shared>().unwrap().0, 7);
    assert!(panic.payload.downcast_ref::<&str>().is_none());
}

#[test]
fn a_panic_converts_to_a_boxed_error() {
    // `anyhow::Error` has the same bounds.
    fn fails(panic: ItemPanic) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(panic)?
    }
    let error = fails(panic_of(|| panic!("bad"))).unwrap_err();
    assert_eq!(error.to_string(), "item 3: bad");
    assert!(error.source().is_none());
    assert_eq!(error.downcast::<ItemPanic>().unwrap().index, 3);
}

#[test]
fn a_payload_can_be_resumed() {
    let panic = panic_of(|| panic!("bad"));
    let resumed = catch(|| -> () { panic::resume_unwind(panic.payload.into()) });
    assert_eq!(text(&*resumed.unwrap_err()), Some("bad"));
}

#[test]
fn outcomes_nest() {
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
