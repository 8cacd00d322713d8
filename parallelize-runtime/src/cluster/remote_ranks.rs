//! Other ranks that can work on a call.

use std::iter;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use super::call_channel::CallChannel;
use super::dispatcher::Dispatcher;
use super::leader::Cluster;
use super::nesting::is_in_item;
use super::rank::Rank;
use super::remote_work::{BranchedWork, RemoteWork, refusal};
use crate::call::{Call, Sink};
use crate::observe::Observer;
use crate::outcome::Failure;
use crate::schedule::Settings;
use crate::team;
use crate::work::{Branch, Work};

/// The time that a call runs on this machine alone before chunks go to other ranks. By then its
/// policy knows how long an item takes, and a call that is shorter involves no other rank.
const LOCAL_PHASE: Duration = Duration::from_micros(300);

/// Other ranks that can work on a call.
pub(crate) struct RemoteRanks<'w, X, T, B> {
    work: Box<dyn RemoteWork<X, T, B> + Send + 'w>,
    channel: CallChannel,
    /// The number of threads of each rank that the call requests, if it requests one.
    threads: Option<usize>,
}

impl<'w, X, T, B> RemoteRanks<'w, X, T, B> {
    /// Finds the other ranks for a call of `work` with these `settings`, if there are any and they
    /// can do the work.
    pub(crate) fn find<W, M>(work: &'w W, settings: &Settings) -> Option<Self>
    where
        X: 'w,
        W: Work<X>,
        M: Branch<W::Output, Value = T, Reason = B> + 'w,
    {
        // The environment's number of threads is that of this rank only, so it does not count.
        let threads = settings.threads.map(NonZeroUsize::get);
        // On one thread, the call is the plain loop. One inside an item stays on its rank.
        let is_inside = is_in_item() || team::is_in_call();
        if settings.is_local || threads == Some(1) || is_inside {
            return None;
        }
        Some(Self {
            work: Box::new(BranchedWork::<_, _, M>::of(work, settings.is_sum)?),
            channel: CallChannel::open(Cluster::current()?),
            threads,
        })
    }

    /// Returns the number of threads on these ranks.
    pub(crate) fn threads(&self) -> usize {
        self.channel.cluster.threads(self.threads)
    }

    /// Runs `lead`, the part of `call` on this machine, while the other ranks work on it. Returns
    /// after they have finished the chunks that they have.
    pub(crate) fn run_alongside<I, S>(self, call: &Call<'_, I, S, B>, lead: impl FnOnce())
    where
        T: Send,
        B: Send,
        I: Iterator<Item = X> + Send,
        S: Sink<Value = T>,
    {
        /// Wakes the dispatcher when `lead` is over, also by a panic.
        struct WakeOnDrop<F: Fn()>(F);
        impl<F: Fn()> Drop for WakeOnDrop<F> {
            fn drop(&mut self) {
                self.0();
            }
        }
        thread::scope(|scope| {
            let _waking = WakeOnDrop(self.channel.waker());
            // Without a thread for the dispatcher, the call runs on this machine alone.
            _ = thread::Builder::new()
                .name("parallelize dispatch".to_owned())
                .spawn_scoped(scope, move || self.dispatch(call));
            lead();
        });
    }

    /// Runs the dispatcher if the call is not over before that pays.
    fn dispatch<I, S>(self, call: &Call<'_, I, S, B>)
    where
        I: Iterator<Item = X>,
        S: Sink<Value = T>,
    {
        // There are no replies yet: this waits, and wakes up early if the call is over.
        self.channel.next_reply(LOCAL_PHASE);
        if call.is_over() {
            return;
        }
        if let Some(observer) = call.observer() {
            self.introduce(observer);
        }
        let header = AssertUnwindSafe(|| self.work.header(self.threads));
        match panic::catch_unwind(header) {
            Ok(Ok(header)) => Dispatcher::new(call, &*self.work, self.channel, header).run(),
            Ok(Err(reason)) => call.fail(0, refusal(self.work.function(), &reason)),
            Err(payload) => call.fail(0, Failure::Outside(payload)),
        }
    }

    /// Tells the `observer` which ranks take part in the call.
    fn introduce(&self, observer: &dyn Observer) {
        let Cluster { leader, others, .. } = &*self.channel.cluster;
        for Rank {
            number,
            host,
            threads,
        } in iter::once(leader).chain(others)
        {
            observer.on_joined(*number, host, self.threads.unwrap_or(*threads));
        }
    }
}
