//! The sink of `stream`: finished runs that wait for the consumer, and no more of them than it can
//! keep up with.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Instant;

use super::resources::Staff;
use super::results::Batches;
use super::window::{Order, Window};
use crate::call::{Call, Cancelling, Finished, Helpers, Step};
use crate::call::{Evaluate, Worker};
use crate::observe::{Serial, Watch, Who};
use crate::outcome::{self, Failure};
use crate::schedule::Settings;
use crate::schedule::WORTH_SENDING;
use crate::team;
use crate::work::{Every, Work};

/// Gives the results of `work` for `items` to `consume` while they are computed: what it makes of
/// them, and whether it saw them all.
pub(crate) fn stream<I, W, O>(
    mut items: I,
    work: &W,
    settings: Settings,
    order: Order,
    watch: Option<&dyn Watch>,
    consume: impl FnOnce(Batches<'_, W::Output>) -> O,
) -> (O, bool)
where
    I: Iterator + Send,
    W: Work<I::Item, Output: Send>,
{
    let staff = Staff::of::<_, Every>(work, &settings);
    let mut caller = Worker::<_, _, Every>::new(work);
    let hint = items.size_hint();
    let mut has_ended = false;
    if staff.is_alone() {
        let mut fetch = lazily(&mut items, &mut caller, watch);
        let consumed = consume(Batches::new(&mut fetch, hint, &mut has_ended));
        return (consumed, has_ended);
    }
    let mut policy = settings.policy::<I::Item>();
    policy.share(staff.threads(), hint.1);
    let worth = staff.worth();
    // If nobody knows how many items come, one is the least there can be: the clock will tell.
    let is_cheap = policy.is_below(worth, hint.1.unwrap_or(1));
    let is_short = hint
        .1
        .is_some_and(|items| policy.is_below(WORTH_SENDING, items));
    let window = Window::new(order, &staff, settings);
    let call = Call::new(items, 0, window, policy, watch);
    let mut finished = None;

    let helpers = staff.here.min(hint.1.unwrap_or(usize::MAX)).max(1) - 1;
    let mut consume = Some(consume);
    let mut consumed = None;
    let mut lead = |ask: &dyn Fn(usize)| {
        let begun = Instant::now();
        let mut fetch = |batch: &mut VecDeque<_>| {
            // What is expected to be over soon has helpers come only if it is not.
            let is_worth_it = !is_cheap || begun.elapsed() > worth;
            if is_worth_it && !call.is_over() && call.gather.has_much_room() {
                ask(helpers);
            }
            call.fetch(&mut caller, &mut finished, batch)
        };
        // Whatever the consumer has not asked for by now, it does not want.
        let _cancelling = Cancelling(&call);
        let batches = Batches::new(&mut fetch, hint, &mut has_ended);
        consumed = consume.take().map(|consume| consume(batches));
    };
    let pool = staff.pool;
    let workers: &Helpers<'_, _, _, _, _> = &|go| go(&mut Worker::<_, _, Every>::new(work));
    let help = || call.help(workers, pool);
    staff.accompany(&call, is_short, || {
        team::run(pool, helpers, !is_cheap, &help, &mut lead);
    });
    match call.finish(finished) {
        Ok((_, _, policy)) => settings.learn(&policy),
        // It was not known yet when the results came to their end.
        Err((index, failure)) if has_ended => raise(index, failure),
        Err(_) => (),
    }
    let consumed = consumed.expect("the team runs its lead");
    (consumed, has_ended)
}

/// The plain loop, an item whenever one is asked for.
fn lazily<'l, I, W>(
    items: &'l mut I,
    caller: &'l mut Worker<'_, W, W::Local, Every>,
    watch: Option<&'l dyn Watch>,
) -> impl FnMut(&mut VecDeque<W::Output>) -> Option<usize>
where
    I: Iterator,
    W: Work<I::Item>,
{
    let mut position = 0;
    if let Some(watch) = watch {
        watch.was_serial(Serial::OneThread);
    }
    move |batch| {
        let begun = watch.map(|_| Instant::now());
        let item = items.next()?;
        let result = caller.judge(item);
        batch.push_back(result.unwrap_or_else(|failure| raise(position, failure)));
        position += 1;
        if let (Some(watch), Some(begun)) = (watch, begun) {
            watch.evaluated(Who::Me, position - 1..position, begun, begun.elapsed());
        }
        Some(position - 1)
    }
}

/// Re-raises the panic of an item, which cannot fail otherwise here.
fn raise(index: usize, failure: Failure<Infallible>) -> ! {
    match outcome::reason(index, failure).1 {}
}

impl<I, R> Call<'_, I, Window<R>, Infallible>
where
    I: Iterator,
    R: Send,
{
    /// The next results: finished ones if there are any; otherwise the caller works, too.
    fn fetch(
        &self,
        caller: &mut dyn Evaluate<I, Window<R>, R, Infallible>,
        finished: &mut Finished,
        batch: &mut VecDeque<R>,
    ) -> Option<usize> {
        loop {
            if let Some((start, results)) = self.gather.next() {
                *batch = results.into();
                return Some(start);
            }
            let step = self.lead(caller, finished);
            if step != Step::Ran && !self.gather.wait() {
                if let Some((index, failure)) = self.failures().take_lowest() {
                    raise(index, failure);
                }
                debug_assert_eq!(step, Step::Over, "without results there is room");
                return None;
            }
        }
    }
}
