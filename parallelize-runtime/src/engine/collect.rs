//! All results at once.
//!
//! A call has two halves, and either may be empty. It begins as the plain loop, as long as that is
//! expected to be faster than waking another thread; what is left then is shared with the team.

use std::mem;
use std::time::{Duration, Instant};

use super::resources::{Staff, worth_asking};
use super::slots::Slots;
use crate::call::{Call, Helpers};
use crate::call::{Evaluate, Worker};
use crate::observe::{Serial, Watch, Who};
use crate::outcome::Ended;
use crate::schedule::Policy;
use crate::schedule::{Settings, WORTH_SENDING, WORTH_SHARING, WORTH_WAKING, is_due};
use crate::team::{self, Pool};
use crate::work::{Judge, Work};

/// Does `work` for all `items` and has the results in order, or gives the failure with the lowest
/// index.
// Inline, as what surrounds a short call costs more than the call; and into a place that the caller
// has, as it would have to be moved there.
#[inline]
pub(crate) fn collect<I, W, J>(
    items: I,
    work: &W,
    settings: Settings,
    watch: Option<&dyn Watch>,
    results: &mut Vec<J::Value>,
) -> Ended<(), J::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    J: Judge<W::Output, Value: Send, Reason: Send>,
{
    let is_known = !settings.is_uneven;
    let is_short = |items| items < 2 || is_known && settings.profile.is_short(items);
    if watch.is_none() && items.size_hint().1.is_some_and(is_short) && !is_due() {
        *results = Vec::with_capacity(items.size_hint().0);
        return Worker::<_, _, J>::new(work).append_all(items, results);
    }
    *results = measured::<I, W, J>(items, work, settings, watch)?;
    Ok(())
}

/// The same, with an eye on the clock.
#[inline(never)]
fn measured<I, W, J>(
    items: I,
    work: &W,
    settings: Settings,
    watch: Option<&dyn Watch>,
) -> Ended<Vec<J::Value>, J::Reason>
where
    I: Iterator + Send,
    W: Work<I::Item>,
    J: Judge<W::Output, Value: Send, Reason: Send>,
{
    let mut results = Vec::new();
    // An iterator that promises more than memory holds is not believed.
    _ = results.try_reserve_exact(items.size_hint().0);
    let mut caller = Worker::<_, _, J>::new(work);
    let mut begun = Begun {
        caller: &mut caller,
        items: Some(items),
        results,
        policy: settings.policy::<I::Item>(),
        watch,
    };
    // Nobody who has to be looked for first is of use to a short call.
    let worth = worth_asking(Pool::id_for(settings.threads));
    if watch.is_none() && begun.is_below(worth) {
        begun.go_on_alone(worth, || Pool::with(settings.threads))?;
    }
    if begun.items.is_some() {
        let helpers: &Helpers<'_, _, _, _, _> = &|go| go(&mut Worker::<_, _, J>::new(work));
        begun.share(Staff::of::<_, J>(work, &settings), helpers)?;
    }
    settings.learn(&begun.policy);
    let results = begun.results;
    // What a thread has for itself may panic when it is dropped, and then the results are not out.
    drop(caller);
    Ok(results)
}

/// A call that only the calling thread has worked on so far.
struct Begun<'c, I: Iterator, T, B> {
    caller: &'c mut dyn Evaluate<I, Slots<T>, T, B>,
    /// The items that are left, unless they have all been asked for.
    items: Option<I>,
    results: Vec<T>,
    policy: Policy,
    watch: Option<&'c dyn Watch>,
}

impl<I: Iterator, T, B> Begun<'_, I, T, B> {
    /// How many items are left at most, if that is known.
    fn at_most(&self) -> Option<usize> {
        let items = self.items.as_ref();
        items.map_or(Some(0), |items| items.size_hint().1)
    }

    /// Whether threads could save no more than `limit`, as far as is known.
    fn is_below(&self, limit: Duration) -> bool {
        // If nobody knows how many items come, one is the least there can be: the clock will tell.
        self.policy.is_below(limit, self.at_most().unwrap_or(1))
    }

    /// The plain loop, of which nobody wants to know anything.
    fn go_on_plainly(&mut self) -> Ended<(), B> {
        if let Some(items) = self.items.take() {
            self.caller.append(items, usize::MAX, &mut self.results)?;
        }
        Ok(())
    }

    /// The plain loop, until the items have ended or what is left had better be shared. Calls that
    /// would have been shared, had somebody been awake, have a thread of the `pool` wake up for the
    /// next ones, if that has more than one.
    fn go_on_alone(
        &mut self,
        worth: Duration,
        pool: impl FnOnce() -> (Pool, usize),
    ) -> Ended<(), B> {
        let since = Instant::now();
        let ended = self.go_on(since, worth)?;
        let is_over = self.items.is_none() && worth == WORTH_WAKING;
        if is_over && !self.policy.is_below(WORTH_SHARING, self.results.len()) {
            team::was_alone(since, ended, || {
                let (pool, threads) = pool();
                (threads > 1).then_some(pool)
            });
        }
        Ok(())
    }

    /// The same `since` now: when it ended.
    fn go_on(&mut self, since: Instant, worth: Duration) -> Ended<Instant, B> {
        let mut begun = since;
        while let Some(rest) = self.items.take() {
            let at_most = rest.size_hint().1;
            let most = self.policy.batch_len(worth.min(WORTH_WAKING), at_most);
            let before = self.results.len();
            let appended = self.caller.append(rest, most, &mut self.results);
            let came = self.results.len() - before;
            let now = Instant::now();
            let elapsed = now - begun;
            self.policy.record(came, elapsed);
            if let Some(watch) = self.watch {
                watch.evaluated(Who::Me, before..self.results.len(), begun, elapsed);
            }
            let rest = appended?;
            begun = now;
            if came < most {
                break;
            }
            self.items = rest;
            // Where nobody knows, as many are left as have come.
            let left = self.at_most().unwrap_or(self.results.len());
            if now - since > worth && !self.policy.is_below(worth, left) {
                break;
            }
        }
        Ok(begun)
    }
}

impl<I, T, B> Begun<'_, I, T, B>
where
    I: Iterator + Send,
    T: Send,
    B: Send,
{
    /// Has the staff work on what is left, where that is worth it.
    // A function of its own, so that a short call need not make room for all that this one takes.
    #[inline(never)]
    fn share(
        &mut self,
        staff: Staff<'_, I::Item, T, B>,
        helpers: &Helpers<'_, I, Slots<T>, T, B>,
    ) -> Ended<(), B> {
        let (serial, worth) = match self.at_most() {
            _ if staff.is_alone() => (Some(Serial::OneThread), Duration::MAX),
            Some(0 | 1) => (Some(Serial::FewItems), Duration::MAX),
            _ => {
                let worth = staff.worth();
                (self.is_below(worth).then_some(Serial::Cheap), worth)
            }
        };
        if let Some(serial) = serial {
            let went_on = if serial == Serial::OneThread && self.watch.is_none() {
                self.go_on_plainly()
            } else {
                self.go_on_alone(worth, || (staff.pool, staff.here))
            };
            if let (Some(watch), None) = (self.watch, &self.items) {
                watch.was_serial(serial);
            }
            went_on?;
        }
        match self.items.take() {
            Some(items) => self.call(items, staff, helpers),
            None => Ok(()),
        }
    }

    /// Has the staff work on the `items`, which are what is left.
    fn call(
        &mut self,
        items: I,
        staff: Staff<'_, I::Item, T, B>,
        helpers: &Helpers<'_, I, Slots<T>, T, B>,
    ) -> Ended<(), B> {
        let left = items.size_hint().1;
        let (pool, here) = (staff.pool, staff.here.min(left.unwrap_or(usize::MAX)));
        let helpers_of = |workers: usize| workers.min(here).max(1) - 1;
        self.policy.share(staff.threads(), left);
        let is_short = left.is_some_and(|left| self.policy.is_below(WORTH_SENDING, left));
        let position = self.results.len();
        let slots = Slots::new(mem::take(&mut self.results));
        let call = Call::new(items, position, slots, self.policy, self.watch);
        let mut finished = None;
        let mut lead = |ask: &dyn Fn(usize)| {
            let ask = |workers| ask(helpers_of(workers));
            call.work(self.caller, &mut finished, &ask);
        };
        let most = helpers_of(call.useful_workers());
        staff.accompany(&call, is_short, || {
            team::run(pool, most, true, &|| call.help(helpers, pool), &mut lead);
        });
        let (slots, len);
        (slots, len, self.policy) = call.finish(finished)?;
        self.results = slots.into_vec(len);
        Ok(())
    }
}
