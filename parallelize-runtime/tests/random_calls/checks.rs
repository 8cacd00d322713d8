//! Makes the call of a plan and compares it with the loop.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parallelize_runtime::{Outcome, Stop, job};

use super::plan::{Items, Length, PURPOSE, Plan, Run, Value, result, results};
use super::support::counted::Counted;
use super::support::panics::catch;
use super::support::tree::{self, Tree};

impl Plan {
    /// Makes the call and compares it with the loop. No value of it may be left alive.
    pub(crate) fn check(&self) -> Result<(), String> {
        let live = AtomicUsize::new(0);
        let items = self.items(&live);
        let checked = if self.length == Length::InPlace {
            self.check_of(items.collect::<Vec<_>>().into_iter(), &live)
        } else {
            self.check_of(items, &live)
        };
        checked.and(equal("values left alive", live.into_inner(), 0))
    }

    fn check_of<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        match self.run {
            Run::Collect => self.all(|| self.panics(items, live).collect()),
            Run::Report => self.report(items, live),
            Run::Progress => self.progress(items, live),
            Run::Try => self.try_collect(items, live),
            Run::Outcomes => self.outcomes(items, live),
            Run::Until => self.until(items, live),
            Run::Stream => self.stream(items, live),
            Run::Unordered => self.unordered(items, live),
            Run::Spawn => self.spawn(),
            Run::Fold => self.fold(items, live),
            Run::TryFold => self.try_fold(items, live),
            #[cfg(feature = "journal")]
            Run::Journal => self.journal(),
        }
    }

    fn all<'l>(&self, call: impl FnOnce() -> Vec<Value<'l>>) -> Result<(), String> {
        equal("results", catch(|| numbers(&call())), self.whole())
    }

    fn report<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let mut report = None;
        self.all(|| {
            let (results, made) = self.panics(items, live).report();
            report = Some(made);
            results
        })?;
        let Some(report) = report else {
            return Ok(());
        };
        equal("items in the report", report.items, self.len)?;
        let is_possible = report.busy.iter().all(|busy| *busy <= report.wall);
        holds("no thread is busy for longer than the call", is_possible)?;
        let has_threads = self.threads == 0 || report.busy.len() <= self.threads;
        holds("no more threads than are set", has_threads)
    }

    fn progress<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let mut steps = Vec::new();
        self.all(|| {
            let job = self.panics(items, live);
            job.on_progress(|done, total| steps.push((done, total)))
                .collect()
        })?;
        let rises = steps.windows(2).all(|pair| pair[0].0 < pair[1].0);
        holds("progress rises", rises)?;
        let is_known = matches!(self.length, Length::Known | Length::InPlace);
        let total = is_known.then_some(self.len);
        let is_right = steps.iter().all(|step| step.1 == total);
        holds("the total is right", is_right)?;
        let last = steps.last().map(|step| step.0);
        let has_failed = self.ends().1.is_some();
        holds("progress ends", has_failed || last == Some(self.len))
    }

    fn try_collect<'l>(
        &'l self,
        items: impl Items<'l>,
        live: &'l AtomicUsize,
    ) -> Result<(), String> {
        let found = catch(|| {
            let collected = self.errors(items, live).try_collect();
            let collected = collected.map(|values| numbers(&values));
            collected.map_err(|failure| (failure.index, failure.error.0))
        });
        let expected = self.whole_or_error(results);
        equal("values", found, expected)
    }

    /// Returns what the loop gives if failing items are errors, and `made` of the values otherwise.
    fn whole_or_error<T>(&self, made: impl FnOnce(usize) -> T) -> Result<Tried<T>, String> {
        match self.ends() {
            (end, None) => Ok(Ok(made(end))),
            (_, Some(message)) if message.starts_with("source") => Err(message),
            (end, Some(_)) => Ok(Err((end, result(end)))),
        }
    }

    fn fold<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let (init, fold, combine) = tree::folds(live);
        let found = catch(|| self.panics(items, live).fold(init, fold, combine).shape());
        let expected = self.whole().map(|results| tree::expected(&results));
        equal("the tree", found, expected)
    }

    fn try_fold<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let (init, fold, combine) = tree::folds(live);
        let found = catch(|| {
            let folded = self.errors(items, live).try_fold(init, fold, combine);
            let folded = folded.map(Tree::shape);
            folded.map_err(|failure| (failure.index, failure.error.0))
        });
        let expected = self.whole_or_error(|end| tree::expected(&results(end)));
        equal("the tree", found, expected)
    }

    fn outcomes<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let found = catch(|| {
            self.panics(items, live)
                .outcomes()
                .into_iter()
                .map(told)
                .collect()
        });
        let expected = match self.source_fails.filter(|at| *at < self.len) {
            Some(_) => Err(format!("source {PURPOSE}")),
            None => Ok((0..self.len).map(|i| self.outcome(i)).collect::<Vec<_>>()),
        };
        equal("outcomes", found, expected)
    }

    /// Returns the outcome of item `i`.
    fn outcome(&self, i: usize) -> Told {
        if self.failing.contains(&i) {
            Told::Panicked(i, PURPOSE.to_owned())
        } else {
            Told::Done(result(i))
        }
    }

    fn until<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let (stop, begun) = (Stop::new(), Mutex::new(BTreeSet::new()));
        let function = |item: Value<'l>| {
            begun.lock().unwrap().insert(item.0);
            if Some(item.0) == self.stopping {
                stop.stop();
            }
            Counted::new(self.compute(item.0), live)
        };
        let job = self.set(job(items, function));
        let found = thread::scope(|scope| {
            if self.stopping.is_none() {
                scope.spawn(|| stop.stop());
            }
            let outcomes = catch(|| job.outcomes_until(&stop));
            outcomes.map(|outcomes| outcomes.into_iter().map(told).collect::<Vec<_>>())
        });
        let begun = begun.into_inner().unwrap();
        // The stop may come before the item at which the iterator panics.
        let Ok(outcomes) = found else {
            let source_fails = self.source_fails.is_some_and(|at| at < self.len);
            return holds("only the source panics", source_fails);
        };
        // Exactly the items that began are done.
        for (i, outcome) in outcomes.iter().enumerate() {
            let expected = if begun.contains(&i) {
                self.outcome(i)
            } else {
                Told::Skipped
            };
            equal("an outcome", outcome, &expected)?;
        }
        let has_all = begun.iter().all(|i| *i < outcomes.len());
        holds("what began has an outcome", has_all)?;
        let stops = self.stopping.is_none_or(|at| at < self.len);
        if self.length != Length::Unknown || !stops {
            equal("the number of outcomes", outcomes.len(), self.len)?;
        }
        let Some(stopping) = self.stopping.filter(|_| self.threads == 1 || !stops) else {
            return Ok(());
        };
        equal("items begun", begun.len(), self.len.min(stopping + 1))
    }

    fn stream<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let most = AtomicUsize::new(0);
        let function = |item: Value<'l>| {
            // An item that panics has no result, and gives its place to another.
            if !self.failing.contains(&item.0) {
                let held = begun.fetch_add(1, Ordering::SeqCst) + 1;
                let held = held.saturating_sub(taken.load(Ordering::SeqCst));
                most.fetch_max(held, Ordering::SeqCst);
            }
            Counted::new(self.compute(item.0), live)
        };
        let mut seen = Vec::new();
        let found = catch(|| {
            let job = self.set(job(items, function));
            job.stream(|values| {
                for value in values.take(self.taken) {
                    seen.push(value.0);
                    taken.fetch_add(1, Ordering::SeqCst);
                }
            });
        });
        let (end, message) = self.ends();
        equal("taken results", seen, results(end.min(self.taken)))?;
        let message = message.filter(|_| self.taken > end);
        equal("the end of a stream", found, message.map_or(Ok(()), Err))?;
        let most = most.into_inner();
        let is_bounded = self.window == 0 || most <= self.window;
        holds(
            &format!("no more than a window of results is held, but {most}"),
            is_bounded,
        )
    }

    fn unordered<'l>(&'l self, items: impl Items<'l>, live: &'l AtomicUsize) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        let mut is_right = true;
        let found = catch(|| {
            self.panics(items, live).stream_unordered(|values| {
                for (i, value) in values.take(self.taken) {
                    let can_be = i < self.len && !self.failing.contains(&i);
                    is_right &= can_be && value.0 == result(i) && seen.insert(i);
                }
            });
        });
        let (end, message) = self.ends();
        holds("each result is right and comes once", is_right)?;
        match message {
            None => {
                let expected = (Ok(()), end.min(self.taken));
                equal("the number of results", (found, seen.len()), expected)
            }
            Some(_) if found.is_ok() => equal("left early", seen.len(), self.taken),
            Some(message) => {
                let has_all = (0..end).all(|i| seen.contains(&i));
                holds("results before the failure", has_all)?;
                equal("the failure", found, Err(message))
            }
        }
    }

    fn spawn(&self) -> Result<(), String> {
        let mut plan = self.clone();
        plan.source_fails = None;
        let expected = plan.whole();
        let job = self.set(job(0..self.len, move |i| plan.compute(i)));
        equal("results", catch(|| job.spawn().join()), expected)
    }

    /// Starts twice with one journal: the first is left early or fails, the second has all results.
    #[cfg(feature = "journal")]
    fn journal(&self) -> Result<(), String> {
        let path = super::support::scratch::Scratch::new();
        // Both functions stand in this one, so they have the same path, which the journal compares.
        let first = |i| self.compute(i);
        let mut seen = Vec::new();
        let found = catch(|| {
            let job = self.set(job(0..self.len, first));
            let take = |value| seen.push(value);
            let job = job.journal(&path).unwrap();
            job.stream(|values| values.take(self.taken).for_each(take));
        });
        let failing = self.failing.range(..self.len).next();
        let end = failing.copied().unwrap_or(self.len);
        equal("taken results", seen, results(end.min(self.taken)))?;
        let fails = end < self.len && self.taken > end;
        equal("whether it fails", found.is_err(), fails)?;
        let again = AtomicUsize::new(0);
        let second = |i: usize| {
            again.fetch_add(1, Ordering::SeqCst);
            result(i)
        };
        let job = self.set(job(0..self.len, second));
        let found = job.journal(&path).unwrap().collect();
        equal("results of a second start", found, results(self.len))?;
        let most = self.len - end.min(self.taken);
        holds("stored results are used", again.into_inner() <= most)
    }
}

/// A value, or the index and the value of an error.
type Tried<T> = Result<T, (usize, usize)>;

/// An outcome, as it is compared.
#[derive(Debug, PartialEq)]
enum Told {
    Done(usize),
    Panicked(usize, String),
    Skipped,
}

fn told(outcome: Outcome<Value<'_>>) -> Told {
    match outcome {
        Outcome::Done(value) => Told::Done(value.0),
        Outcome::Panicked(panic) => Told::Panicked(panic.index, panic.message().to_owned()),
        Outcome::Died(death) => unreachable!("{death}"),
        Outcome::Skipped => Told::Skipped,
    }
}

fn numbers(values: &[Value<'_>]) -> Vec<usize> {
    values.iter().map(|value| value.0).collect()
}

fn holds(what: &str, it: bool) -> Result<(), String> {
    equal(what, it, true)
}

/// Returns an error that says how what was `found` differs from what was `expected`.
fn equal<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let short = |value: T| format!("{value:?}").chars().take(1_000).collect::<String>();
    let (found, expected) = (short(found), short(expected));
    Err(format!("{what}: {found} instead of {expected}"))
}
