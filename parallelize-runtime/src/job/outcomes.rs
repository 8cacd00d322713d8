//! Jobs in which a bad item loses nothing but itself, and which can be stopped.

use std::iter::Enumerate;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Job;
use super::stop::Stop;
#[cfg(feature = "cluster")]
use crate::encoding::Reason;
use crate::observe::Progress;
use crate::outcome::PanicPayload;
#[cfg(feature = "cluster")]
use crate::outcome::Payload;
use crate::outcome::{self, ItemPanic, Outcome};
use crate::work::Work;
#[cfg(feature = "cluster")]
use crate::work::{Remote, RemoteFunction};

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// What became of each item, in input order: its result or its panic.
    ///
    /// A panic of the function ends its item and no other. The panic hook runs once for it, as for
    /// every panic. What the thread has for itself, as by the option `local`, may be half changed by
    /// it and is made anew for the next item. If making it panics, that item has panicked.
    ///
    /// ```
    /// use parallelize::{Outcome, job};
    ///
    /// for outcome in job([4, 0, 2], |x: i32| 100 / x).outcomes() {
    ///     match outcome {
    ///         Outcome::Done(quotient) => println!("{quotient}"),
    ///         Outcome::Panicked(panic) => println!("{panic}"),
    ///         Outcome::Skipped => unreachable!("nobody stops this job"),
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If the iterator panics, as it does.
    #[track_caller]
    #[must_use = "nothing else tells of items that panicked"]
    pub fn outcomes<R>(self) -> Vec<Outcome<R>>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        self.outcomes_until(&Stop::new())
    }

    /// The same until `stop` says so: what has begun by then is finished, and no other item begins.
    ///
    /// Items that did not begin are [`Skipped`](Outcome::Skipped). They are still drawn from the
    /// iterator if it knows only how many there are at most, so that there is an outcome for each.
    /// An iterator that does not know even that, like an endless one, is left alone, and the
    /// outcomes end with the items that were drawn.
    ///
    /// Progress is told of those items only that began.
    ///
    /// ```
    /// use parallelize::{Outcome, Stop, job};
    ///
    /// let stop = Stop::new();
    /// let search = |i: u64| {
    ///     if i * i == 1_369 {
    ///         stop.stop();
    ///     }
    ///     i * i
    /// };
    /// let outcomes = job(0..1_000_000, search).outcomes_until(&stop);
    /// assert_eq!(outcomes.len(), 1_000_000);
    /// assert!(outcomes[37].is_done() && outcomes[999_999].is_skipped());
    /// ```
    ///
    /// # Panics
    ///
    /// If the iterator panics, as it does.
    #[track_caller]
    #[must_use = "nothing else tells of items that panicked or were skipped"]
    pub fn outcomes_until<R>(self, stop: &Stop) -> Vec<Outcome<R>>
    where
        W: Work<I::Item, Output = R>,
        R: Send,
    {
        let skipped = &AtomicUsize::new(0);
        let mut items = UntilStopped {
            items: self.items.enumerate(),
            stop,
            was_cut: stop.is_stopped(),
        };
        let job = Job {
            items: &mut items,
            work: CatchPanics {
                work: self.work,
                stop,
                skipped,
            },
            settings: self.settings,
            progress: StartedProgress {
                progress: self.progress,
                skipped,
                told: None,
            },
        };
        let mut outcomes = job.collect();
        if items.was_cut {
            skip(items.items, &mut outcomes);
        }
        outcomes
    }
}

/// The items up to the stop, with their positions.
///
/// It says of itself what the items say. That it may end earlier costs no more than some memory that
/// was reserved for their results, which those that are skipped will fill.
struct UntilStopped<'s, I> {
    items: Enumerate<I>,
    stop: &'s Stop,
    /// Whether it was the stop that ended it.
    was_cut: bool,
}

impl<I: Iterator> Iterator for UntilStopped<'_, I> {
    type Item = (usize, I::Item);

    fn next(&mut self) -> Option<(usize, I::Item)> {
        // The clock is for the work to look at.
        self.was_cut = self.stop.is_known_to_be_stopped();
        if self.was_cut {
            return None;
        }
        self.items.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

/// Adds the outcomes of the `items` that were not drawn before the stop, as far as they can be
/// counted.
fn skip<X, R>(items: Enumerate<impl Iterator<Item = X>>, outcomes: &mut Vec<Outcome<R>>) {
    match items.size_hint() {
        (_, None) => (),
        // No memory holds so many, so these are as good as endless.
        (_, Some(most)) if outcomes.try_reserve_exact(most).is_err() => (),
        (least, Some(most)) if least == most => {
            outcomes.resize_with(outcomes.len() + most, || Outcome::Skipped);
        }
        (_, Some(_)) => outcomes.extend(items.map(|_| Outcome::Skipped)),
    }
}

/// Work that gives what became of an item, until the stop.
struct CatchPanics<'s, W> {
    work: W,
    stop: &'s Stop,
    /// How many items came to it and were skipped.
    skipped: &'s AtomicUsize,
}

impl<X, W: Work<X>> Work<(usize, X)> for CatchPanics<'_, W> {
    type Local = Option<W::Local>;
    type Output = Outcome<W::Output>;

    fn local(&self) -> Self::Local {
        None
    }

    fn apply(&self, local: &mut Self::Local, (index, item): (usize, X)) -> Self::Output {
        let outcome = caught(index, || {
            if self.stop.is_stopped() {
                self.skipped.fetch_add(1, Ordering::Relaxed);
                return Outcome::Skipped;
            }
            let local = local.get_or_insert_with(|| self.work.local());
            Outcome::Done(self.work.apply(local, item))
        });
        if outcome.is_panicked() {
            outcome::discard(local.take());
        }
        outcome
    }

    #[cfg(feature = "cluster")]
    fn remote(&self) -> Option<&dyn Remote<(usize, X), Self::Output>> {
        self.work.remote().is_some().then_some(self)
    }

    #[cfg(feature = "cluster")]
    fn remote_function(&self) -> Option<&dyn RemoteFunction> {
        self.work.remote_function()
    }
}

#[cfg(feature = "cluster")]
impl<W> CatchPanics<'_, W> {
    fn inner<X>(&self) -> &dyn Remote<X, W::Output>
    where
        W: Work<X>,
    {
        self.work
            .remote()
            .expect("it was there when it was asked for")
    }
}

#[cfg(feature = "cluster")]
impl<X, W: Work<X>> Remote<(usize, X), Outcome<W::Output>> for CatchPanics<'_, W> {
    fn encode(&self, (_, item): &(usize, X), into: &mut Vec<u8>) -> Result<(), Reason> {
        self.inner().encode(item, into)
    }

    fn decode(&self, index: usize, bytes: &mut &[u8]) -> Result<Outcome<W::Output>, Reason> {
        self.inner().decode(index, bytes).map(Outcome::Done)
    }

    fn known(&self, (index, item): (usize, X)) -> Result<Outcome<W::Output>, (usize, X)> {
        let known = self.inner().known(item);
        known.map(Outcome::Done).map_err(|item| (index, item))
    }

    fn panicked(&self, index: usize, payload: Payload) -> Result<Outcome<W::Output>, Payload> {
        let payload = PanicPayload::new(payload);
        Ok(Outcome::Panicked(ItemPanic { index, payload }))
    }

    fn ends_with_panics(&self) -> bool {
        false
    }

    fn skipped(&self) -> Option<Outcome<W::Output>> {
        self.skipped.fetch_add(1, Ordering::Relaxed);
        Some(Outcome::Skipped)
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// What came of item `index`, or its panic.
fn caught<R>(index: usize, outcome: impl FnOnce() -> Outcome<R>) -> Outcome<R> {
    // All that it can leave half changed is what the thread has for itself, which is made anew.
    panic::catch_unwind(AssertUnwindSafe(outcome)).unwrap_or_else(|payload| {
        let payload = PanicPayload::new(payload);
        Outcome::Panicked(ItemPanic { index, payload })
    })
}

/// Tells progress of the items that began, and leaves out those that were skipped.
struct StartedProgress<'s, P> {
    progress: P,
    skipped: &'s AtomicUsize,
    /// What it was told last.
    told: Option<(usize, Option<usize>)>,
}

impl<P: Progress> Progress for StartedProgress<'_, P> {
    fn began(&mut self, total: Option<usize>) -> bool {
        self.progress.began(total)
    }

    fn advanced(&mut self, done: usize, total: Option<usize>) {
        // Relaxed: an item that is counted in `done` is counted here before.
        let begun = done.saturating_sub(self.skipped.load(Ordering::Relaxed));
        // Items are counted here before the rest of their run is counted in `done`.
        let known = self.told.map_or(0, |(known, _)| known);
        let now = Some((begun.max(known), total));
        if self.told != now {
            self.told = now;
            self.progress.advanced(begun.max(known), total);
        }
    }

    fn ended(&mut self, is_complete: bool) {
        let is_cut = matches!(self.told, Some((done, Some(total))) if done < total);
        self.progress.ended(is_complete && !is_cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Callback;

    #[test]
    fn progress_does_not_go_back_when_items_are_skipped() {
        let skipped = &AtomicUsize::new(0);
        let mut told = Vec::new();
        let mut progress = StartedProgress {
            progress: Callback(|done, _| told.push(done)),
            skipped,
            told: None,
        };
        progress.advanced(0, Some(30));
        progress.advanced(10, Some(30));
        // In a run of 10 that is not counted yet.
        skipped.store(9, Ordering::Relaxed);
        progress.advanced(12, Some(30));
        progress.advanced(22, Some(30));
        assert_eq!(told, [0, 10, 13]);
    }
}
