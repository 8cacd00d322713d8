//! What becomes of items that other ranks evaluate, judged as it is here.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::panic;

use super::Rank;
use super::leader::CallHeader;
use super::message::{ItemStatus, StopOn};
use crate::encoding::{self, Reason};
use crate::outcome::Failure;
use crate::work::{Branch, Remote, RemoteFunction};

/// What becomes of an item: a result, or a failure.
pub(super) type Judgement<T, B> = Result<T, Failure<B>>;

/// What the dispatcher has to know of the work.
pub(super) trait Dispatch<X, T, B>: Sync {
    /// The name under which ranks know the function.
    fn function(&self) -> &'static str;

    /// What a rank is told before its first run.
    fn about(&self, threads: Option<usize>) -> Result<CallHeader, Reason>;

    /// Appends `item` to `into`, unless it is known what it comes to.
    fn encode(&self, item: X, into: &mut Vec<u8>) -> Result<Option<Judgement<T, B>>, Reason>;

    /// What has come of the item at `position`, off `bytes`.
    fn judge(
        &self,
        position: usize,
        rank: &Rank,
        bytes: &mut &[u8],
    ) -> Result<Judgement<T, B>, Reason>;

    /// What an item comes to that did not begin, if it comes to anything.
    fn skipped(&self) -> Option<T>;

    /// Whether no further item is to begin.
    fn is_stopped(&self) -> bool;
}

/// Work for other ranks whose outputs are judged as they are here.
pub(super) struct JudgedWork<'w, X, R, M> {
    pub(super) function: &'w dyn RemoteFunction,
    pub(super) remote: &'w dyn Remote<X, R>,
    pub(super) judge: PhantomData<fn() -> M>,
}

impl<X, R, M: Branch<R>> JudgedWork<'_, X, R, M> {
    fn judged(output: R) -> Judgement<M::Value, M::Reason> {
        match M::branch(output) {
            ControlFlow::Continue(value) => Ok(value),
            ControlFlow::Break(reason) => Err(Failure::Break(reason)),
        }
    }
}

impl<X, R, M: Branch<R>> Dispatch<X, M::Value, M::Reason> for JudgedWork<'_, X, R, M> {
    fn function(&self) -> &'static str {
        self.function.name()
    }

    fn about(&self, threads: Option<usize>) -> Result<CallHeader, Reason> {
        let mut constants = Vec::new();
        self.function.constants(&mut constants)?;
        Ok(CallHeader {
            function: self.function.name(),
            threads,
            ends_with: match (self.remote.ends_with_panics(), M::KEEPS_ALL) {
                (false, _) => StopOn::Never,
                (true, true) => StopOn::Panic,
                (true, false) => StopOn::Error,
            },
            constants,
        })
    }

    fn encode(
        &self,
        item: X,
        into: &mut Vec<u8>,
    ) -> Result<Option<Judgement<M::Value, M::Reason>>, Reason> {
        match self.remote.known(item) {
            Ok(output) => Ok(Some(Self::judged(output))),
            Err(item) => self.remote.encode(&item, into).map(|()| None),
        }
    }

    fn judge(
        &self,
        position: usize,
        rank: &Rank,
        bytes: &mut &[u8],
    ) -> Result<Judgement<M::Value, M::Reason>, Reason> {
        let (came, rest) = bytes.split_first().ok_or("nothing has come")?;
        *bytes = rest;
        let output = match ItemStatus::from_byte(*came) {
            Some(ItemStatus::Done) => self.remote.decode(position, bytes)?,
            Some(ItemStatus::Panicked) => {
                let words: String = encoding::decode(bytes)?;
                let Rank { number, host, .. } = rank;
                let payload = Box::new(format!("{words} (rank {number} on {host})"));
                match self.remote.panicked(position, payload) {
                    Ok(output) => output,
                    Err(payload) => return Ok(Err(Failure::Item(payload))),
                }
            }
            None => return Err("there are no such results".to_owned()),
        };
        Ok(Self::judged(output))
    }

    fn skipped(&self) -> Option<M::Value> {
        match M::branch(self.remote.skipped()?) {
            ControlFlow::Continue(value) => Some(value),
            ControlFlow::Break(_) => None,
        }
    }

    fn is_stopped(&self) -> bool {
        self.remote.is_stopped()
    }
}

/// What a value that does not travel comes to. The panic hook runs for it.
pub(super) fn refusal<B>(function: &str, why: &str) -> Failure<B> {
    let panicked = panic::catch_unwind(|| panic!("`{function}`: {why}"));
    Failure::Beside(panicked.expect_err("it panics"))
}
