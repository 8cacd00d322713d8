//! Other ranks that can work on a call.

use std::iter;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::thread;
use std::time::Duration;

use super::Rank;
use super::dispatch::Dispatcher;
use super::judged_work::{Dispatch, JudgedWork, refusal};
use super::leader::{CallChannel, Cluster};
use crate::call::{Call, Sink};
use crate::observe::Observer;
use crate::outcome::Failure;
use crate::schedule::Settings;
use crate::work::{Branch, Work};

/// How long a call goes on before other ranks are asked: by then it is worth their while, and its
/// policy knows what an item takes.
const PATIENCE: Duration = Duration::from_micros(300);

/// Other ranks that can work on a call.
pub(crate) struct RemoteRanks<'w, X, T, B> {
    work: Box<dyn Dispatch<X, T, B> + Send + 'w>,
    line: CallChannel,
    /// How many threads of each, if that was said.
    threads: Option<usize>,
}

impl<'w, X, T, B> RemoteRanks<'w, X, T, B> {
    /// Those for a call with these settings, if there are any and its work can be done there.
    pub(crate) fn find<W, M>(work: &'w W, settings: &Settings) -> Option<Self>
    where
        X: 'w,
        W: Work<X>,
        M: Branch<W::Output, Value = T, Reason = B> + 'w,
    {
        // What the environment says of this rank, it says of no other.
        let threads = settings.threads.map(NonZeroUsize::get);
        // The plain loop was asked for, or this machine.
        if settings.is_local || threads == Some(1) {
            return None;
        }
        let (function, remote) = (work.remote_function()?, work.remote()?);
        let judge = PhantomData::<fn() -> M>;
        Some(Self {
            work: Box::new(JudgedWork {
                function,
                remote,
                judge,
            }),
            line: Cluster::current()?.call(),
            threads,
        })
    }

    /// How many threads they have.
    pub(crate) fn threads(&self) -> usize {
        self.line.cluster.threads(self.threads)
    }

    /// Has them work on `call` until `lead` returns and what they have begun is done.
    pub(crate) fn run_alongside<I, S>(self, call: &Call<'_, I, S, B>, lead: impl FnOnce())
    where
        T: Send,
        B: Send,
        I: Iterator<Item = X> + Send,
        S: Sink<Value = T>,
    {
        /// Also when `lead` unwinds.
        struct WakeOnDrop<F: Fn()>(F);
        impl<F: Fn()> Drop for WakeOnDrop<F> {
            fn drop(&mut self) {
                self.0();
            }
        }
        thread::scope(|scope| {
            let _waking = WakeOnDrop(self.line.waker());
            // Without a thread for it, the call goes on without them.
            _ = thread::Builder::new()
                .name("parallelize dispatch".to_owned())
                .spawn_scoped(scope, move || self.dispatch(call));
            lead();
        });
    }

    fn dispatch<I, S>(self, call: &Call<'_, I, S, B>)
    where
        I: Iterator<Item = X>,
        S: Sink<Value = T>,
    {
        // Woken if it is over by then.
        self.line.answer(PATIENCE);
        if call.is_over() {
            return;
        }
        if let Some(observer) = call.observer() {
            self.introduce(observer);
        }
        let about = AssertUnwindSafe(|| self.work.about(self.threads));
        match panic::catch_unwind(about) {
            Ok(Ok(about)) => Dispatcher::new(call, &*self.work, self.line, about).run(),
            Ok(Err(why)) => call.fail(0, refusal(self.work.function(), &why)),
            Err(payload) => call.fail(0, Failure::Beside(payload)),
        }
    }

    /// Tells who has part in the call.
    fn introduce(&self, observer: &dyn Observer) {
        let Cluster { me, ranks, .. } = &*self.line.cluster;
        for Rank {
            number,
            host,
            threads,
        } in iter::once(me).chain(ranks)
        {
            observer.on_joined(*number, host, self.threads.unwrap_or(*threads));
        }
    }
}
