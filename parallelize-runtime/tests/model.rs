//! Every last call of a job against the serial model, on random lengths, threads, chunk sizes, windows, failures and
//! stops.

use std::collections::BTreeSet;
use std::iter;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once};

use parallelize_runtime::{Job, Outcome, Stop, Work, job};
use proptest::collection::btree_set;
use proptest::prelude::*;

/// What is run, and how.
#[derive(Clone, Debug)]
struct Plan {
    len: usize,
    is_len_known: bool,
    failing: BTreeSet<usize>,
    threads: usize,
    chunk: usize,
    window: usize,
}

prop_compose! {
    fn plans()(
        len in prop_oneof![0..4_usize, 0..3_000_usize],
        is_len_known: bool,
        failing in prop_oneof![Just(BTreeSet::new()), btree_set(0..3_000_usize, 0..4)],
        threads in prop_oneof![1..=2_usize, Just(16)],
        chunk in prop_oneof![0..=1_usize, 0..100_usize],
        window in prop_oneof![0..=2_usize, 0..500_usize],
    ) -> Plan {
        Plan { len, is_len_known, failing, threads, chunk, window }
    }
}

impl Plan {
    fn items(&self) -> Box<dyn Iterator<Item = usize> + Send> {
        let len = self.len;
        if self.is_len_known {
            return Box::new(0..len);
        }
        let mut next = 0;
        Box::new(iter::from_fn(move || {
            next += 1;
            (next <= len).then(|| next - 1)
        }))
    }

    fn told<I, W>(&self, job: Job<I, W>) -> Job<I, W> {
        let job = job.threads(self.threads).chunk_size(self.chunk);
        job.window(self.window)
    }

    /// The job whose items fail by a panic.
    fn panics(&self) -> Job<impl Iterator<Item = usize> + Send, impl Work<usize, Output = usize>> {
        self.told(job(self.items(), |i| {
            assert!(!self.failing.contains(&i), "{PURPOSE}");
            i * 7
        }))
    }

    /// The job whose items fail by an error.
    fn errs(
        &self,
    ) -> Job<impl Iterator<Item = usize> + Send, impl Work<usize, Output = Result<usize, usize>>>
    {
        self.told(job(self.items(), |i| {
            if self.failing.contains(&i) {
                Err(i)
            } else {
                Ok(i * 7)
            }
        }))
    }

    /// The first item that fails.
    fn lowest(&self) -> Option<usize> {
        let lowest = self.failing.first().copied();
        lowest.filter(|lowest| *lowest < self.len)
    }

    /// The results before it.
    fn before(&self) -> Vec<usize> {
        (0..self.lowest().unwrap_or(self.len))
            .map(|i| i * 7)
            .collect()
    }
}

const PURPOSE: &str = "on purpose";

/// What `run` gives, or the message of its panic.
fn caught<O>(run: impl FnOnce() -> O) -> Result<O, String> {
    static SILENCE: Once = Once::new();
    SILENCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let said = info.payload().downcast_ref::<&str>().copied();
            let said = said.or(info.payload().downcast_ref().map(String::as_str));
            if !said.is_some_and(|said| said.contains(PURPOSE)) {
                before(info);
            }
        }));
    });
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        let said = payload.downcast_ref::<String>().cloned();
        said.expect("a message with the number of the item")
    })
}

/// What the plan comes to where a panic ends it.
fn expected<O>(plan: &Plan, whole: O) -> Result<O, String> {
    match plan.lowest() {
        Some(lowest) => Err(format!("item {lowest}: {PURPOSE}")),
        None => Ok(whole),
    }
}

proptest! {
    #[test]
    fn collect(plan in plans()) {
        prop_assert_eq!(caught(|| plan.panics().collect()), expected(&plan, plan.before()));
    }

    #[test]
    fn try_collect(plan in plans()) {
        let collected = plan.errs().try_collect();
        match plan.lowest() {
            None => prop_assert_eq!(collected, Ok(plan.before())),
            Some(lowest) => {
                let failure = collected.unwrap_err();
                prop_assert_eq!((failure.index, failure.error), (lowest, lowest));
            }
        }
    }

    #[test]
    fn report(plan in plans()) {
        let reported = caught(|| plan.panics().report());
        if let Ok((_, report)) = &reported {
            prop_assert_eq!(report.items, plan.len);
            prop_assert!(report.busy.iter().all(|busy| *busy <= report.wall));
            prop_assert!(report.busy.len() <= plan.threads);
        }
        let results = reported.map(|(results, _)| results);
        prop_assert_eq!(results, expected(&plan, plan.before()));
    }

    #[test]
    fn spawn(len in 0..3_000_usize, failing in 0..6_000_usize, threads in 1..=3_usize) {
        let function = move |i| {
            assert!(i != failing, "{PURPOSE}");
            i * 7
        };
        let joined = caught(|| job(0..len, function).threads(threads).spawn().join());
        if failing < len {
            prop_assert_eq!(joined, Err(format!("item {failing}: {PURPOSE}")));
        } else {
            prop_assert_eq!(joined, Ok((0..len).map(|i| i * 7).collect()));
        }
    }

    #[test]
    fn outcomes(plan in plans()) {
        let outcomes = caught(|| plan.panics().outcomes()).expect("no panic comes out");
        prop_assert_eq!(outcomes.len(), plan.len);
        for (i, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Done(result) => {
                    prop_assert_eq!(result, i * 7);
                    prop_assert!(!plan.failing.contains(&i));
                }
                Outcome::Panicked(panic) => {
                    prop_assert_eq!((panic.index, panic.message()), (i, PURPOSE));
                    prop_assert!(plan.failing.contains(&i));
                }
                Outcome::Skipped => prop_assert!(false, "item {} was skipped", i),
            }
        }
    }

    #[test]
    fn outcomes_until(plan in plans(), stopping in 0..4_000_usize) {
        let stop = Stop::new();
        let begun = Mutex::new(BTreeSet::new());
        let function = |i| {
            begun.lock().unwrap().insert(i);
            if i == stopping {
                stop.stop();
            }
            i * 7
        };
        let outcomes = plan.told(job(plan.items(), function)).outcomes_until(&stop);
        let begun = begun.into_inner().unwrap();
        if plan.is_len_known || stopping >= plan.len {
            prop_assert_eq!(outcomes.len(), plan.len);
        }
        // What had begun is done, and nothing else is.
        for (i, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Outcome::Done(result) => {
                    prop_assert_eq!(*result, i * 7);
                    prop_assert!(begun.contains(&i));
                }
                Outcome::Panicked(panic) => prop_assert!(false, "{panic}"),
                Outcome::Skipped => prop_assert!(!begun.contains(&i)),
            }
        }
        prop_assert!(begun.iter().all(|i| *i < outcomes.len()));
        if plan.threads == 1 {
            let expected = plan.len.min(stopping + 1);
            prop_assert_eq!(begun.len(), expected);
        }
    }

    #[test]
    fn on_progress(plan in plans()) {
        let mut told = Vec::new();
        let job = plan.panics().on_progress(|done, total| told.push((done, total)));
        let collected = caught(|| job.collect());
        prop_assert_eq!(collected, expected(&plan, plan.before()));
        prop_assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let total = plan.is_len_known.then_some(plan.len);
        prop_assert!(told.iter().all(|told| told.1 == total));
        if plan.lowest().is_none() {
            prop_assert_eq!(told.last().map(|told| told.0), Some(plan.len));
        }
    }

    #[test]
    fn stream(plan in plans(), taken in prop_oneof![Just(usize::MAX), 0..3_000_usize]) {
        let mut seen = Vec::new();
        let streamed = caught(|| {
            plan.panics().stream(|results| results.take(taken).for_each(|r| seen.push(r)));
        });
        let mut before = plan.before();
        if taken <= before.len() {
            before.truncate(taken);
            prop_assert_eq!(streamed, Ok(()));
        } else {
            prop_assert_eq!(streamed, expected(&plan, ()));
        }
        prop_assert_eq!(seen, before);
    }

    #[test]
    fn stream_unordered(plan in plans()) {
        let mut seen = BTreeSet::new();
        let mut is_right = true;
        let streamed = caught(|| {
            plan.panics().stream_unordered(|results| {
                for (i, result) in results {
                    is_right &= result == i * 7 && seen.insert(i);
                }
            });
        });
        prop_assert_eq!(streamed, expected(&plan, ()));
        prop_assert!(is_right);
        prop_assert!((0..plan.before().len()).all(|i| seen.contains(&i)));
        prop_assert!(seen.iter().all(|i| *i < plan.len && !plan.failing.contains(i)));
    }

    #[test]
    fn a_stream_holds_no_more_than_its_window(plan in plans()) {
        prop_assume!(plan.window > 0);
        let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let most = AtomicUsize::new(0);
        let function = |_| {
            let held = begun.fetch_add(1, Ordering::SeqCst) + 1 - taken.load(Ordering::SeqCst);
            most.fetch_max(held, Ordering::SeqCst);
        };
        plan.told(job(plan.items(), function)).stream(|results| {
            for () in results {
                taken.fetch_add(1, Ordering::SeqCst);
            }
        });
        prop_assert_eq!(taken.into_inner(), plan.len);
        prop_assert!(most.into_inner() <= plan.window);
    }
}
