//! One call: a source, a policy, a team and a sink. Here they meet for all results at once; in
//! `stream.rs` they do for results one by one.
//!
//! A call has two halves, and either may be empty. It begins as the plain loop, as long as that is
//! expected to be faster than waking another thread; what is left then is shared with the team.

use std::num::NonZeroUsize;
use std::panic::Location;
use std::time::{Duration, Instant};

use crate::call::{Call, Gather, Helpers};
use crate::cluster::Abroad;
use crate::outcome::Ended;
use crate::policy::Policy;
use crate::pool::Pool;
use crate::profile::{self, Profile, WORTH_SENDING, WORTH_SHARING, WORTH_WAKING};
use crate::slots::Slots;
use crate::team;
use crate::watch::{Serial, Watch, Who};
use crate::worker::{Evaluate, Judge, Work, Worker};

/// What a call is told beside its items and its work.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) profile: &'static Profile,
    pub(crate) threads: Option<NonZeroUsize>,
    /// The length of every run but the last.
    pub(crate) chunk: Option<NonZeroUsize>,
    /// How many results a stream holds at most.
    pub(crate) window: Option<NonZeroUsize>,
    /// Whether it stays on this machine.
    #[cfg(feature = "cluster")]
    pub(crate) is_local: bool,
    /// Whether some items cost next to nothing, and say nothing of what the others do.
    pub(crate) is_uneven: bool,
    /// Where the last call of the job stands, if that is not where it runs.
    pub(crate) site: Option<&'static Location<'static>>,
}

impl Settings {
    /// Nothing said.
    pub(crate) fn of(profile: &'static Profile) -> Self {
        Self {
            profile,
            threads: None,
            chunk: None,
            window: None,
            #[cfg(feature = "cluster")]
            is_local: false,
            is_uneven: false,
            site: None,
        }
    }

    pub(crate) fn policy<X>(&self, threads: usize) -> Policy {
        let (known, is_trusted) = (self.profile.item_seconds(), self.profile.is_trusted());
        let policy = Policy::new(threads, size_of::<X>(), known, is_trusted, self.chunk);
        if self.is_uneven {
            policy.of_uneven()
        } else {
            policy
        }
    }

    pub(crate) fn learn(&self, policy: &Policy) {
        if self.is_uneven {
            return;
        }
        let (items, elapsed) = policy.finished();
        self.profile.learn(items, elapsed);
    }
}

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
    if watch.is_none() && items.size_hint().1.is_some_and(is_short) && !profile::is_due() {
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
    let staff = Staff::of::<_, J>(work, &settings);
    if staff.is_alone() && watch.is_none() {
        caller.append_all(items, &mut results)?;
        return Ok(results);
    }
    let helpers: &Helpers<'_, _, _, _, _> = &|go| go(&mut Worker::<_, _, J>::new(work));
    let results = share(items, results, &mut caller, helpers, settings, staff, watch)?;
    // What a thread has for itself may panic when it is dropped, and then the results are not out.
    drop(caller);
    Ok(results)
}

/// All who can work on a call.
pub(crate) struct Staff<'w, X, T, B> {
    pub(crate) pool: Pool,
    /// How many threads there are on this machine.
    pub(crate) here: usize,
    abroad: Option<Abroad<'w, X, T, B>>,
}

impl<'w, X, T, B> Staff<'w, X, T, B> {
    pub(crate) fn of<W, J>(work: &'w W, settings: &Settings) -> Self
    where
        X: 'w,
        W: Work<X>,
        J: Judge<W::Output, Value = T, Reason = B> + 'w,
    {
        let (pool, here) = Pool::with(settings.threads);
        Self {
            pool,
            here,
            abroad: Abroad::find::<_, J>(work, settings),
        }
    }

    /// Whether the calling thread is the only one.
    pub(crate) fn is_alone(&self) -> bool {
        self.here == 1 && self.abroad.is_none()
    }

    /// How many threads there are on all machines.
    pub(crate) fn threads(&self) -> usize {
        self.here + self.abroad.as_ref().map_or(0, Abroad::threads)
    }

    /// How much work is worth sharing now.
    pub(crate) fn worth(&self) -> Duration {
        match self.here {
            1 => WORTH_SENDING,
            _ if team::is_awake() => WORTH_SHARING,
            _ => WORTH_WAKING,
        }
    }

    /// Runs the `lead` of a call on this machine, and has others work on it meanwhile unless it is
    /// expected to be over soon.
    pub(crate) fn accompany<I, G>(
        self,
        call: &Call<'_, I, G, B>,
        is_short: bool,
        lead: impl FnOnce(),
    ) where
        T: Send,
        B: Send,
        I: Iterator<Item = X> + Send,
        G: Gather<T>,
    {
        match self.abroad {
            Some(abroad) if !is_short => abroad.accompany(call, lead),
            _ => lead(),
        }
    }
}

/// The same, where it may be worth it to have others help, behind the `results` that are there.
// A function of its own, so that a short call need not make room for all that this one takes.
#[inline(never)]
fn share<I, T, B>(
    items: I,
    mut results: Vec<T>,
    caller: &mut dyn Evaluate<I, Slots<T>, T, B>,
    helpers: &Helpers<'_, I, Slots<T>, T, B>,
    settings: Settings,
    staff: Staff<'_, I::Item, T, B>,
    watch: Option<&dyn Watch>,
) -> Ended<Vec<T>, B>
where
    I: Iterator + Send,
    T: Send,
    B: Send,
{
    let at_most = items.size_hint().1;
    let mut policy = settings.policy::<I::Item>(staff.threads());
    let (serial, worth) = match at_most {
        _ if staff.is_alone() => (Some(Serial::OneThread), Duration::MAX),
        Some(0 | 1) => (Some(Serial::FewItems), Duration::MAX),
        _ => {
            let worth = staff.worth();
            // If nobody knows how many items come, one is the least there can be: the clock will
            // tell.
            let is_cheap = policy.is_below(worth, at_most.unwrap_or(1));
            (is_cheap.then_some(Serial::Cheap), worth)
        }
    };
    let mut items = Some(items);
    if let Some(serial) = serial {
        let begun = Instant::now();
        let outcome = alone(
            caller,
            items,
            &mut results,
            &mut policy,
            worth,
            begun,
            watch,
        );
        if let (Some(watch), Err(_) | Ok((None, _))) = (watch, &outcome) {
            watch.was_serial(serial);
        }
        let ended;
        (items, ended) = outcome?;
        let was_alone = items.is_none() && serial == Serial::Cheap;
        if was_alone && !policy.is_below(WORTH_SHARING, results.len()) {
            team::was_alone(staff.pool, begun, ended);
        }
    }
    if let Some(items) = items {
        let left = at_most.map_or(usize::MAX, |items| items.saturating_sub(results.len()));
        let (pool, here) = (staff.pool, staff.here.min(left));
        let helpers_of = |workers: usize| workers.min(here).max(1) - 1;
        let position = results.len();
        policy.share(at_most.map(|_| left));
        let is_short = at_most.is_some() && policy.is_below(WORTH_SENDING, left);
        let call = Call::new(items, position, Slots::new(results), policy, watch);
        let mut finished = None;
        let mut lead = |ask: &dyn Fn(usize)| {
            let ask = |workers| ask(helpers_of(workers));
            call.work(caller, &mut finished, &ask);
        };
        let most = helpers_of(call.useful_workers());
        staff.accompany(&call, is_short, || {
            team::run(pool, most, true, &|| call.help(helpers, pool), &mut lead);
        });
        let (slots, len);
        (slots, len, policy) = call.finish(finished)?;
        results = slots.into_vec(len);
    }
    settings.learn(&policy);
    Ok(results)
}

/// The plain loop `since` now, until the items have ended or what is left had better be shared: the
/// items that are left then, and when that is.
fn alone<I, T, B>(
    caller: &mut dyn Evaluate<I, Slots<T>, T, B>,
    mut items: Option<I>,
    results: &mut Vec<T>,
    policy: &mut Policy,
    worth: Duration,
    since: Instant,
    watch: Option<&dyn Watch>,
) -> Ended<(Option<I>, Instant), B>
where
    I: Iterator,
{
    let mut begun = since;
    while let Some(rest) = items.take() {
        let at_most = rest.size_hint().1;
        let most = policy.batch_len(worth.min(WORTH_WAKING), at_most);
        let before = results.len();
        let appended = caller.append(rest, most, results);
        let came = results.len() - before;
        let now = Instant::now();
        let elapsed = now - begun;
        policy.record(came, elapsed);
        if let Some(watch) = watch {
            watch.evaluated(Who::Me, before..results.len(), begun, elapsed);
        }
        let rest = appended?;
        begun = now;
        if came < most {
            break;
        }
        items = rest;
        // Where nobody knows, as many are left as have come.
        let left = at_most.map_or(results.len(), |left| left.saturating_sub(came));
        if now - since > worth && !policy.is_below(worth, left) {
            break;
        }
    }
    Ok((items, begun))
}
