//! What all workers of a call share, and the loop that each of them runs: claim a chunk, evaluate
//! it, claim the next.
//!
//! This room may use `work`, `team`, `observe`, `schedule` and `outcome`.

mod chunk;
mod company;
mod division;
mod pauses;
mod sink;
mod source;
mod worker;

use std::mem;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

pub(crate) use chunk::{Chunk, LastChunk};
use chunk::{FinishedChunk, learn_last};
use company::{Company, Member};
pub(crate) use division::{AtMost, is_in_place};
use pauses::Pauses;
pub(crate) use sink::{ChunkSink, Gathered, Sink};
pub(crate) use source::{Claim, Source};
pub(crate) use worker::{ErasedWorker, Worker};
#[cfg(feature = "processes")]
pub(crate) use {
    division::{Blocks, Part},
    worker::finish_chunk,
};

use crate::observe::{Observer, WorkerId};
use crate::outcome::{Ended, Failure, Failures, Payload};
use crate::schedule::{Policy, Slices};
use crate::sync::{
    AtomicBool, AtomicUsize, Mutex, MutexGuard, Ordering, Padded, into_inner, lock, lock_within,
};
use crate::team::{self, Request};

/// A call under way. What changes with every chunk and what is read with every item stand on cache
/// lines of their own, so that threads do not slow each other.
pub(crate) struct Call<'w, I, S, B> {
    supply: Padded<Mutex<Supply<I>>>,
    pauses: Pauses,
    pub(crate) sink: S,
    state: Padded<CallState<B>>,
    observer: Option<&'w dyn Observer>,
}

/// How far a call has come.
struct CallState<B> {
    /// The number of useful workers on this machine. Relaxed, as it only guides how many are
    /// requested.
    useful_workers: AtomicUsize,
    /// Whether there is no further chunk. Relaxed, as it only saves a look at the source.
    is_over: AtomicBool,
    /// Whether one worker alone was found best. Relaxed, as it only guides the caller.
    is_best_alone: AtomicBool,
    company: Company,
    failures: Failures<B>,
}

/// The next items, and how many of them make a chunk.
struct Supply<I> {
    source: Source<I>,
    policy: Policy,
    /// The number of workers that the observer knows of, if they are limited.
    told_limit: Option<usize>,
}

/// What is left of a call.
pub(crate) struct FinishedCall<I, S> {
    pub(crate) sink: S,
    /// The number of results.
    pub(crate) results: usize,
    /// The items that nothing has claimed, unless all have been requested.
    pub(crate) items: Option<I>,
    /// The policy, which has learned from all chunks.
    pub(crate) policy: Policy,
}

/// Makes a worker for a helper, and passes it to the closure.
pub(crate) type WorkerFactory<'h, I, S, B> =
    dyn Fn(&mut dyn FnMut(&mut dyn ErasedWorker<I, S, B>)) + Sync + 'h;

/// The result of one step of a worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// A chunk was evaluated.
    Ran,
    /// The sink has no room for another chunk.
    Full,
    /// Another worker holds the source for long.
    Locked,
    /// There were more workers than are wanted for the moment.
    Paused,
    /// There are more workers than are useful.
    Surplus,
    /// There is no further chunk.
    Over,
}

impl<'w, I: Iterator, S: Sink, B> Call<'w, I, S, B> {
    /// Makes a call whose first item stands at `position`.
    pub(crate) fn new(
        items: I,
        position: usize,
        sink: S,
        policy: &Policy,
        slices: Slices,
        observer: Option<&'w dyn Observer>,
    ) -> Self {
        let supply = Supply {
            source: Source::new(items, position, slices),
            told_limit: policy.settled_limit(),
            policy: *policy,
        };
        if let (Some(observer), Some(limit)) = (observer, supply.told_limit) {
            observer.on_limited(limit);
        }
        let useful_workers = AtomicUsize::new(supply.policy.useful_workers());
        Self {
            supply: Padded(Mutex::new(supply)),
            pauses: Pauses::new(),
            sink,
            state: Padded(CallState {
                useful_workers,
                is_over: AtomicBool::new(false),
                is_best_alone: AtomicBool::new(false),
                company: Company::new(),
                failures: Failures::new(),
            }),
            observer,
        }
    }

    /// Runs the caller's part: evaluates chunks until there are none, or until one worker alone is
    /// found best. Before each, it calls `request` with the number of useful workers.
    pub(crate) fn work(
        &self,
        caller: &mut dyn ErasedWorker<I, S, B>,
        last: &mut LastChunk,
        request: &dyn Fn(usize),
    ) {
        // An observer may panic.
        let cancel = CancelOnDrop(self);
        while !self.is_over() {
            request(self.useful_workers());
            if self.lead(caller, last) != Step::Ran {
                break;
            }
            if self.state.0.is_best_alone.load(Ordering::Relaxed) {
                self.end();
            }
        }
        mem::forget(cancel);
    }

    /// Returns the number of useful workers on this machine, as far as is known.
    pub(crate) fn useful_workers(&self) -> usize {
        self.state.0.useful_workers.load(Ordering::Relaxed)
    }

    /// Evaluates one chunk on the calling thread.
    pub(crate) fn lead(
        &self,
        caller: &mut dyn ErasedWorker<I, S, B>,
        last: &mut LastChunk,
    ) -> Step {
        if self.is_over() {
            return Step::Over;
        }
        self.step(caller, last, lock(&self.supply.0))
    }

    /// Runs a helper's part, from the moment it enters. Returns whether it evaluated a chunk.
    pub(crate) fn help(&self, workers: &WorkerFactory<'_, I, S, B>, request: Request<'_>) -> bool {
        let mut was_useful = false;
        let mut member = self.state.0.company.join();
        if let Some(observer) = self.observer {
            observer.on_entered();
        }
        // Items are caught one by one. What may still unwind is the drop of a worker's own state.
        let help = AssertUnwindSafe(|| {
            workers(&mut |worker| {
                let mut last = None;
                loop {
                    match self.help_once(worker, &mut last, &mut member, request) {
                        Step::Ran => was_useful = true,
                        Step::Paused => (),
                        Step::Full if self.sink.wait_for_room() => (),
                        Step::Full | Step::Locked | Step::Surplus | Step::Over => break,
                    }
                }
            });
        });
        if let Err(payload) = panic::catch_unwind(help) {
            // At a position behind every item: an item that is still running may fail, and wins.
            self.fail(usize::MAX, Failure::Outside(payload));
        }
        was_useful
    }

    /// Evaluates one chunk on the thread of a helper.
    ///
    /// The iterator runs under the lock of the source, and may itself need the pool. So a helper
    /// does not block there for long. It runs no other jobs of the pool meanwhile, because the
    /// caller would have to wait for them. Instead, the helper leaves the call, after a `request`
    /// that lets it come back.
    fn help_once(
        &self,
        worker: &mut dyn ErasedWorker<I, S, B>,
        last: &mut LastChunk,
        member: &mut Member<'_>,
        request: Request<'_>,
    ) -> Step {
        if self.is_over() {
            return Step::Over;
        }
        let Some(mut supply) = lock_within(&self.supply.0, worker.patience()) else {
            request();
            return Step::Locked;
        };
        self.learn_last(&mut supply, last);
        if self.state.0.company.active() <= supply.policy.most_active() {
            return self.step(worker, last, supply);
        }
        if let Some(patience) = supply.policy.pause() {
            self.pause(supply, member, patience);
            return Step::Paused;
        }
        // Under the lock, so that no other helper leaves in its stead.
        member.leave();
        Step::Surplus
    }

    /// Lets a helper pause while a trial runs with fewer workers, but not for long: the caller may
    /// be inside a long item, or wait for its consumer.
    fn pause(&self, supply: MutexGuard<'_, Supply<I>>, member: &Member<'_>, patience: Duration) {
        let begun = self.pauses.begin();
        drop(supply);
        let has_ended = member.pause(|| self.is_over() || self.pauses.wait(begun, patience));
        if has_ended {
            return;
        }
        let supply = lock_within(&self.supply.0, Duration::ZERO);
        if supply.is_some_and(|mut supply| supply.policy.abort_trial()) {
            self.pauses.end();
        }
    }

    /// Reports a worker's last chunk to the policy, and adapts the number of workers.
    fn learn_last(&self, supply: &mut Supply<I>, last: &mut LastChunk) {
        let Supply {
            policy, told_limit, ..
        } = supply;
        let before = policy.most_active();
        learn_last(policy, last);
        let most_active = policy.most_active();
        if most_active > before {
            self.pauses.end();
        }
        let limit = policy.settled_limit();
        if limit.is_some() && limit != *told_limit {
            *told_limit = limit;
            if let (Some(observer), Some(limit)) = (self.observer, limit) {
                observer.on_limited(limit);
            }
        }
        if policy.is_best_alone() {
            self.state.0.is_best_alone.store(true, Ordering::Relaxed);
        }
        let useful_workers = policy.useful_workers();
        // Skips redundant stores: they would invalidate the other threads' cache line.
        if useful_workers != self.useful_workers() {
            let known = &self.state.0.useful_workers;
            known.store(useful_workers, Ordering::Relaxed);
        }
    }

    /// Claims a chunk from the `supply`, if there is one, and evaluates it.
    fn step(
        &self,
        worker: &mut dyn ErasedWorker<I, S, B>,
        last: &mut LastChunk,
        supply: MutexGuard<'_, Supply<I>>,
    ) -> Step {
        let (chunk, begun) = match self.next_chunk(supply, last) {
            Ok(next) => next,
            Err(step) => return step,
        };
        // Before the items, as one of them may take long.
        team::request_deferred();
        let company = &self.state.0.company;
        let (items_len, then) = (chunk.claim.len(), company.now());
        let bound = self.state.0.failures.bound();
        let (positions, ended) = worker.evaluate(chunk, &self.sink, bound);
        let elapsed = begun.elapsed();
        if let Err((position, failure)) = ended {
            self.fail(position, failure);
        }
        self.chunk_finished(WorkerId::Current, positions, begun, elapsed);
        *last = Some(FinishedChunk {
            items: items_len,
            begun,
            elapsed,
            active: company.active(),
            is_steady: company.is_steady_since(then),
        });
        Step::Ran
    }

    /// Reports the `last` chunk and claims the next. Returns when that began, too.
    ///
    /// The time in which the items arrive is part of their cost, as it is in the loop. So an
    /// iterator that is slow to yield items makes short chunks.
    fn next_chunk(
        &self,
        mut supply: MutexGuard<'_, Supply<I>>,
        last: &mut LastChunk,
    ) -> Result<(Chunk<I>, Instant), Step> {
        self.learn_last(&mut supply, last);
        let begun = Instant::now();
        let unchecked = supply.policy.unchecked_len();
        let (claim, part) = self.claim(supply, Policy::next_len, |source, choose| {
            source.next_part(choose)
        })?;
        let chunk = Chunk {
            claim,
            part,
            unchecked,
        };
        Ok((chunk, begun))
    }

    /// Claims the next chunk, whose items `take` takes. `len` gives its length, which the sink may
    /// cut.
    fn claim<P>(
        &self,
        mut supply: MutexGuard<'_, Supply<I>>,
        len: impl Fn(&Policy, Option<usize>) -> usize,
        take: impl FnOnce(
            &mut Source<I>,
            &dyn Fn(Option<usize>) -> usize,
        ) -> (Claim, P, Option<Payload>),
    ) -> Result<(Claim, P), Step> {
        let Supply { source, policy, .. } = &mut *supply;
        let choose = |remaining| self.sink.allowed_len(len(policy, remaining), policy);
        let (claim, items, panicked) = take(source, &choose);
        let has_ended = source.has_ended();
        if claim.len() > 0 {
            self.sink.chunk_started(claim.len());
        }
        // Under the lock, so that a thread that finds the source closed also finds the failure.
        if let Some(payload) = panicked {
            self.fail(claim.end(), Failure::Outside(payload));
        }
        drop(supply);
        if has_ended {
            self.end();
        }
        match claim.len() {
            0 if has_ended => Err(Step::Over),
            0 => Err(Step::Full),
            _ => Ok((claim, items)),
        }
    }

    /// Notes that a chunk has ended, with results at these `positions`, evaluated `by` a worker.
    pub(crate) fn chunk_finished(
        &self,
        by: WorkerId,
        positions: Range<usize>,
        begun: Instant,
        elapsed: Duration,
    ) {
        self.sink.chunk_finished();
        if let Some(observer) = self.observer {
            observer.on_chunk(by, positions, begun, elapsed);
        }
    }

    /// Notes a failure at `position`. All later items have higher positions.
    pub(crate) fn fail(&self, position: usize, failure: Failure<B>) {
        // In this order: a thread that sees that the call is over sees the failure.
        self.failures().record(position, failure);
        self.end();
    }

    /// Ends the call: no further item begins.
    pub(crate) fn cancel(&self) {
        self.end();
        self.state.0.failures.cancel();
    }

    /// Lets no further chunk begin, and ends all pauses. One that begins at this moment may end
    /// later, since this thread need not hold the lock of the source.
    fn end(&self) {
        self.state.0.is_over.store(true, Ordering::Relaxed);
        if self.state.0.company.has_paused() {
            self.pauses.end();
        }
    }

    /// Returns whether there is no further chunk.
    pub(crate) fn is_over(&self) -> bool {
        self.state.0.is_over.load(Ordering::Relaxed)
    }

    pub(crate) fn failures(&self) -> &Failures<B> {
        &self.state.0.failures
    }

    /// Takes the call apart after all workers have left, or returns the failure with the lowest
    /// index.
    pub(crate) fn finish(self, mut last: LastChunk) -> Ended<FinishedCall<I, S>, B> {
        let Supply {
            source, mut policy, ..
        } = into_inner(self.supply.0);
        learn_last(&mut policy, &mut last);
        match self.state.0.failures.take_lowest() {
            Some(failure) => Err(failure),
            None => Ok(FinishedCall {
                sink: self.sink,
                results: source.position(),
                items: source.into_items(),
                policy,
            }),
        }
    }
}

/// For chunks that go to other ranks.
#[cfg(feature = "cluster")]
impl<I: Iterator, S: Sink, B> Call<'_, I, S, B> {
    /// Claims the next chunk that goes to another rank, after the policy has learned from the
    /// `finished` ones. It has at most `most` items unless `chunk_size` fixes its length.
    pub(crate) fn claim_remote(
        &self,
        items: &mut Vec<I::Item>,
        finished: &mut Vec<(usize, Duration)>,
        most: usize,
    ) -> Result<Claim, Step> {
        let mut supply = lock(&self.supply.0);
        supply.learn_remote(finished);
        let len = |policy: &Policy, remaining| policy.next_remote_len(remaining, most);
        let (claim, ()) = self.claim(supply, len, |source, choose| {
            let (claim, panicked) = source.pull(choose, items);
            (claim, (), panicked)
        })?;
        Ok(claim)
    }

    /// Returns the observer of this call, if any.
    pub(crate) fn observer(&self) -> Option<&dyn Observer> {
        self.observer
    }

    /// Reports the `finished` chunks to the policy.
    pub(crate) fn learn_remote(&self, finished: &mut Vec<(usize, Duration)>) {
        lock(&self.supply.0).learn_remote(finished);
    }
}

#[cfg(feature = "cluster")]
impl<I> Supply<I> {
    fn learn_remote(&mut self, finished: &mut Vec<(usize, Duration)>) {
        for (items, elapsed) in finished.drain(..) {
            self.policy.record_remote(items, elapsed);
        }
    }
}

/// Cancels a call when its caller leaves it, also by a panic.
pub(crate) struct CancelOnDrop<'c, 'w, I: Iterator, S: Sink, B>(pub(crate) &'c Call<'w, I, S, B>);

impl<I: Iterator, S: Sink, B> Drop for CancelOnDrop<'_, '_, I, S, B> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
