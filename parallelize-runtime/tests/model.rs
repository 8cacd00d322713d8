//! Every last call of a job compared with a serial model, on random lengths, threads, chunk sizes,
//! windows, failures and stops.

mod support;

use std::collections::BTreeSet;
use std::iter;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use parallelize_runtime::{Job, Outcome, Stop, Work, job};
use proptest::collection::btree_set;
use proptest::prelude::*;
use support::panics;

/// The items of a job, the ones that fail, and the settings of the job.
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

    fn set<I, W>(&self, job: Job<I, W>) -> Job<I, W> {
        let job = job.threads(self.threads).chunk_size(self.chunk);
        job.window(self.window)
    }

    /// Returns the job in which failing items panic.
    fn panics(&self) -> Job<impl Iterator<Item = usize> + Send, impl Work<usize, Output = usize>> {
        self.set(job(self.items(), |i| {
            assert!(!self.failing.contains(&i), "{PURPOSE}");
            i * 7
        }))
    }

    /// Returns the job in which failing items return an error.
    fn errs(
        &self,
    ) -> Job<impl Iterator<Item = usize> + Send, impl Work<usize, Output = Result<usize, usize>>>
    {
        self.set(job(self.items(), |i| {
            if self.failing.contains(&i) {
                Err(i)
            } else {
                Ok(i * 7)
            }
        }))
    }

    /// Returns the lowest item that fails.
    fn lowest(&self) -> Option<usize> {
        let lowest = self.failing.first().copied();
        lowest.filter(|lowest| *lowest < self.len)
    }

    /// Returns the results before the lowest failing item.
    fn before(&self) -> Vec<usize> {
        (0..self.lowest().unwrap_or(self.len))
            .map(|i| i * 7)
            .collect()
    }
}

const PURPOSE: &str = "on purpose";

/// Returns what `call` returns, or the message of its panic. Panics on purpose print nothing.
fn caught<O>(call: impl FnOnce() -> O) -> Result<O, String> {
    panics::silence(|payload| panics::says(payload, PURPOSE));
    panics::catch(call)
}

/// Returns `whole`, or the message of the panic that ends the plan.
fn expected<O>(plan: &Plan, whole: O) -> Result<O, String> {
    match plan.lowest() {
        Some(lowest) => Err(format!("item {lowest}: {PURPOSE}")),
        None => Ok(whole),
    }
}

proptest! {
    #[test]
    fn collect_matches_the_model(plan in plans()) {
        prop_assert_eq!(caught(|| plan.panics().collect()), expected(&plan, plan.before()));
    }

    #[test]
    fn try_collect_matches_the_model(plan in plans()) {
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
    fn report_matches_the_model(plan in plans()) {
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
    fn spawn_matches_the_model(
        len in 0..3_000_usize,
        failing in 0..6_000_usize,
        threads in 1..=3_usize,
    ) {
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
    fn outcomes_match_the_model(plan in plans()) {
        let outcomes = caught(|| plan.panics().outcomes()).expect("outcomes do not panic");
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
    fn outcomes_until_a_stop_match_the_model(plan in plans(), stopping in 0..4_000_usize) {
        let stop = Stop::new();
        let begun = Mutex::new(BTreeSet::new());
        let function = |i| {
            begun.lock().unwrap().insert(i);
            if i == stopping {
                stop.stop();
            }
            i * 7
        };
        let outcomes = plan.set(job(plan.items(), function)).outcomes_until(&stop);
        let begun = begun.into_inner().unwrap();
        if plan.is_len_known || stopping >= plan.len {
            prop_assert_eq!(outcomes.len(), plan.len);
        }
        // Exactly the items that began are done.
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
    fn progress_matches_the_model(plan in plans()) {
        let mut steps = Vec::new();
        let job = plan.panics().on_progress(|done, total| steps.push((done, total)));
        let collected = caught(|| job.collect());
        prop_assert_eq!(collected, expected(&plan, plan.before()));
        prop_assert!(steps.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let total = plan.is_len_known.then_some(plan.len);
        prop_assert!(steps.iter().all(|step| step.1 == total));
        if plan.lowest().is_none() {
            prop_assert_eq!(steps.last().map(|step| step.0), Some(plan.len));
        }
    }

    #[test]
    fn stream_matches_the_model(
        plan in plans(),
        taken in prop_oneof![Just(usize::MAX), 0..3_000_usize],
    ) {
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
    fn stream_unordered_matches_the_model(plan in plans()) {
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
        plan.set(job(plan.items(), function)).stream(|results| {
            for () in results {
                taken.fetch_add(1, Ordering::SeqCst);
            }
        });
        prop_assert_eq!(taken.into_inner(), plan.len);
        prop_assert!(most.into_inner() <= plan.window);
    }
}
