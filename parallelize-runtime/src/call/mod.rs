//! What all workers of a call share, and what each of them does: take a run, evaluate it, take the
//! next.

mod sink;
mod source;
mod worker;

use std::mem;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

pub(crate) use sink::{Gather, Sink};
pub(crate) use source::{Run, Source};
pub(crate) use worker::{Evaluate, Worker};

use crate::observe::{Watch, Who};
use crate::outcome::{Ended, Failure, Failures};
use crate::schedule::Policy;
use crate::sync::{
    AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering, Padded, into_inner, lock, lock_giving_way,
};
use crate::team;
use crate::team::Pool;

/// A call under way. What changes with every run is kept apart from what is read with every item.
pub(crate) struct Call<'w, I, G, B> {
    supply: Padded<Mutex<Supply<I>>>,
    pub(crate) gather: G,
    ending: Padded<Ending<B>>,
    watch: Option<&'w dyn Watch>,
}

/// How a call ends, and how many work on it until then.
struct Ending<B> {
    /// How many workers on this machine are of use. Relaxed, as it only guides how many are asked.
    useful: AtomicUsize,
    /// There is no further run, so nobody need ask for one. Relaxed, as it only saves that.
    over: AtomicBool,
    failures: Failures<B>,
}

/// The next items, and how many of them to take.
struct Supply<I> {
    source: Source<I>,
    policy: Policy,
}

/// How many items the last run of a worker had, and how long they took, until that is reported.
pub(crate) type Finished = Option<(usize, Duration)>;

/// Makes a worker for a helper, and has it do what it is given.
pub(crate) type Helpers<'h, I, G, T, B> =
    dyn Fn(&mut dyn FnMut(&mut dyn Evaluate<I, G, T, B>)) + Sync + 'h;

/// What came of asking for a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// It was evaluated.
    Ran,
    /// There is no room for its results.
    Full,
    /// There is no further run.
    Over,
}

impl<'w, I: Iterator, G, B> Call<'w, I, G, B> {
    /// A call whose first item stands at `position`.
    pub(crate) fn new(
        items: I,
        position: usize,
        gather: G,
        policy: Policy,
        watch: Option<&'w dyn Watch>,
    ) -> Self {
        let source = Source::new(items, position);
        let useful = AtomicUsize::new(policy.useful_workers());
        Self {
            supply: Padded(Mutex::new(Supply { source, policy })),
            gather,
            ending: Padded(Ending {
                useful,
                over: AtomicBool::new(false),
                failures: Failures::new(),
            }),
            watch,
        }
    }

    /// What the caller of a `collect` does: it takes runs until there are none, and before each it
    /// `ask`s for as many others as make the number of useful workers.
    pub(crate) fn work<T>(
        &self,
        caller: &mut dyn Evaluate<I, G, T, B>,
        finished: &mut Finished,
        ask: &dyn Fn(usize),
    ) where
        G: Gather<T>,
    {
        let supply = || {
            ask(self.useful_workers());
            lock(&self.supply.0)
        };
        // Whoever watches may panic.
        let cancelling = Cancelling(self);
        while self.step(caller, finished, &supply) == Step::Ran {}
        mem::forget(cancelling);
    }

    /// How many workers on this machine are of use, as far as is known.
    pub(crate) fn useful_workers(&self) -> usize {
        self.ending.0.useful.load(Ordering::Relaxed)
    }

    /// One run by the caller.
    pub(crate) fn lead<T>(
        &self,
        caller: &mut dyn Evaluate<I, G, T, B>,
        finished: &mut Finished,
    ) -> Step
    where
        G: Gather<T>,
    {
        self.step(caller, finished, &|| lock(&self.supply.0))
    }

    /// What a helper does, from the moment it comes in: whether there was anything to do.
    pub(crate) fn help<T>(&self, helpers: &Helpers<'_, I, G, T, B>, pool: Pool) -> bool
    where
        G: Gather<T>,
    {
        // An iterator that is at work for whoever has the lock may itself need the pool, so nobody
        // of the pool waits for it idly.
        let supply = || lock_giving_way(&self.supply.0, || team::give_way(pool));
        let mut was_of_use = false;
        // Items are caught one by one. What may still unwind is a worker's own state when it is
        // dropped.
        let help = AssertUnwindSafe(|| {
            helpers(&mut |helper| {
                let mut finished = None;
                loop {
                    match self.step(helper, &mut finished, &supply) {
                        Step::Ran => was_of_use = true,
                        Step::Full if self.gather.wait_a_little() => (),
                        Step::Full | Step::Over => break,
                    }
                }
            });
        });
        if let Err(payload) = panic::catch_unwind(help) {
            // Behind every item: one that is under way may still fail, and then wins.
            self.fail(usize::MAX, Failure::Beside(payload));
        }
        was_of_use
    }

    /// Takes a run from the `supply`, if there is one, and evaluates it.
    fn step<'s, T>(
        &'s self,
        worker: &mut dyn Evaluate<I, G, T, B>,
        finished: &mut Finished,
        supply: &dyn Fn() -> MutexGuard<'s, Supply<I>>,
    ) -> Step
    where
        G: Gather<T>,
    {
        if self.is_over() {
            return Step::Over;
        }
        let (run, items, begun) = match self.next_run(supply(), finished) {
            Ok(next) => next,
            Err(step) => return step,
        };
        // An item may take long.
        team::send_on();
        let len = run.len();
        let bound = self.ending.0.failures.bound();
        let (positions, ended) = worker.evaluate(items, run, &self.gather, bound);
        let elapsed = begun.elapsed();
        if let Err((position, failure)) = ended {
            self.fail(position, failure);
        }
        self.ended(Who::Me, positions, begun, elapsed);
        *finished = Some((len, elapsed));
        Step::Ran
    }

    /// Reports the run that is finished and takes the next: from when on. The time that its items
    /// take to come is part of what they cost, as it is in the loop, so a run of an iterator that
    /// keeps one waiting is short.
    fn next_run<T>(
        &self,
        mut supply: MutexGuard<'_, Supply<I>>,
        finished: &mut Finished,
    ) -> Result<(Run, Vec<I::Item>, Instant), Step>
    where
        G: Gather<T>,
    {
        report(&mut supply.policy, finished);
        let useful = supply.policy.useful_workers();
        // Whoever reads this beside it should not have to fetch it again for nothing.
        if useful != self.useful_workers() {
            self.ending.0.useful.store(useful, Ordering::Relaxed);
        }
        let begun = Instant::now();
        let mut items = Vec::new();
        let run = self.pull(supply, Policy::next_len, &mut items)?;
        Ok((run, items, begun))
    }

    /// Takes the next run, which is as long as `len` has it if there is room for that.
    fn pull<T>(
        &self,
        mut supply: MutexGuard<'_, Supply<I>>,
        len: impl Fn(&Policy, Option<usize>) -> usize,
        items: &mut Vec<I::Item>,
    ) -> Result<Run, Step>
    where
        G: Gather<T>,
    {
        let Supply { source, policy } = &mut *supply;
        let choose = |remaining| self.gather.admits(len(policy, remaining), policy);
        let (run, panicked) = source.pull(choose, items);
        let has_ended = source.has_ended();
        if run.len() > 0 {
            self.gather.begin(run.len());
        }
        // Before anybody can ask for the next run and find that there is none.
        if let Some(payload) = panicked {
            self.fail(run.end(), Failure::Beside(payload));
        }
        drop(supply);
        if has_ended {
            self.ending.0.over.store(true, Ordering::Relaxed);
        }
        match run.len() {
            0 if has_ended => Err(Step::Over),
            0 => Err(Step::Full),
            _ => Ok(run),
        }
    }

    /// A run has ended that has results at these `positions`, `by` a thread.
    pub(crate) fn ended<T>(
        &self,
        by: Who,
        positions: Range<usize>,
        begun: Instant,
        elapsed: Duration,
    ) where
        G: Gather<T>,
    {
        self.gather.end();
        if let Some(watch) = self.watch {
            watch.evaluated(by, positions, begun, elapsed);
        }
    }

    /// Notes a failure, behind which every item lies that is still to come.
    pub(crate) fn fail(&self, position: usize, failure: Failure<B>) {
        let Ending { over, failures, .. } = &self.ending.0;
        // In this order: whoever sees that it is over sees why.
        failures.record(position, failure);
        over.store(true, Ordering::Relaxed);
    }

    /// Has nobody begin any further item.
    pub(crate) fn cancel(&self) {
        self.ending.0.over.store(true, Ordering::Relaxed);
        self.ending.0.failures.cancel();
    }

    /// Whether there is no further run.
    pub(crate) fn is_over(&self) -> bool {
        self.ending.0.over.load(Ordering::Relaxed)
    }

    pub(crate) fn failures(&self) -> &Failures<B> {
        &self.ending.0.failures
    }

    /// What is left when everybody has gone: where the results are, how many there are, and a policy
    /// that has learned from them; or the failure with the lowest index.
    pub(crate) fn finish(self, mut finished: Finished) -> Ended<(G, usize, Policy), B> {
        let Supply { source, mut policy } = into_inner(self.supply.0);
        report(&mut policy, &mut finished);
        match self.ending.0.failures.into_lowest() {
            Some(failure) => Err(failure),
            None => Ok((self.gather, source.position(), policy)),
        }
    }
}

/// For runs that go elsewhere.
#[cfg(feature = "cluster")]
impl<I: Iterator, G, B> Call<'_, I, G, B> {
    /// Has the policy learn from the runs that are `finished`, and takes the next one that is to go
    /// away, of `most` items unless its length is not for us to say.
    pub(crate) fn take<T>(
        &self,
        items: &mut Vec<I::Item>,
        finished: &mut Vec<(usize, Duration)>,
        most: usize,
    ) -> Result<Run, Step>
    where
        G: Gather<T>,
    {
        let mut supply = lock(&self.supply.0);
        supply.learn(finished);
        let len = |policy: &Policy, remaining| policy.next_len_away(remaining, most);
        self.pull(supply, len, items)
    }

    /// Who is told about it, if anybody.
    pub(crate) fn watch(&self) -> Option<&dyn Watch> {
        self.watch
    }

    /// Has the policy learn from the runs that are `finished`.
    pub(crate) fn learn(&self, finished: &mut Vec<(usize, Duration)>) {
        lock(&self.supply.0).learn(finished);
    }
}

#[cfg(feature = "cluster")]
impl<I> Supply<I> {
    fn learn(&mut self, finished: &mut Vec<(usize, Duration)>) {
        for (items, elapsed) in finished.drain(..) {
            self.policy.record_away(items, elapsed);
        }
    }
}

/// Cancels a call when its caller leaves it.
pub(crate) struct Cancelling<'c, 'w, I: Iterator, G, B>(pub(crate) &'c Call<'w, I, G, B>);

impl<I: Iterator, G, B> Drop for Cancelling<'_, '_, I, G, B> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Has the policy learn from the last run.
fn report(policy: &mut Policy, finished: &mut Finished) {
    if let Some((items, elapsed)) = finished.take() {
        policy.record(items, elapsed);
    }
}
