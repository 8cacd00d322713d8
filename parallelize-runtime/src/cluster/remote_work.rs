//! Work for other ranks: what the dispatcher needs of it, whatever the function and its outputs.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::panic;

use super::call_channel::CallHeader;
use super::message::{ItemStatus, StopOn};
use super::rank::Rank;
use crate::encoding::{self, ErrorText};
use crate::outcome::Failure;
#[cfg(feature = "processes")]
use crate::outcome::ItemDeath;
use crate::work::{Branch, LEAF, Remote, RemoteFunction, Work};

/// The result of an item, or the failure that ends the call there.
pub(crate) type ItemResult<T, B> = Result<T, Failure<B>>;

/// What a rank has sent.
pub(crate) enum Received<T, B> {
    Item(ItemResult<T, B>),
    /// The sum of a leaf, which begins with the item.
    Sum(T),
}

/// Work for other ranks, with items `X`, results `T` and reasons `B` to end a call.
pub(crate) trait RemoteWork<X, T, B>: Sync {
    /// Returns the name under which ranks know the function.
    fn function(&self) -> &'static str;

    /// Returns what a rank needs before its first chunk. `threads` of each rank are to work on the
    /// call, or all of them.
    ///
    /// # Errors
    ///
    /// Returns the reason if a constant cannot be encoded.
    fn header(&self, threads: Option<usize>) -> Result<CallHeader, ErrorText>;

    /// Appends `item` to `into`. If the result of the item is cached, returns that instead.
    ///
    /// # Errors
    ///
    /// Returns the reason if the item cannot be encoded.
    fn encode(&self, item: X, into: &mut Vec<u8>) -> Result<Option<ItemResult<T, B>>, ErrorText>;

    /// Takes the result of the item at `position` off `bytes`. The message of its panic names the
    /// `rank` that evaluated it.
    ///
    /// # Errors
    ///
    /// Returns the reason if there is none.
    fn decode(
        &self,
        position: usize,
        rank: Option<&Rank>,
        bytes: &mut &[u8],
    ) -> Result<Received<T, B>, ErrorText>;

    /// Returns what becomes of an item whose process died.
    #[cfg(feature = "processes")]
    fn died(&self, death: ItemDeath) -> ItemResult<T, B>;

    /// Returns the result of an item that did not begin, if such an item has one.
    fn skipped(&self) -> Option<T>;

    /// Returns whether no further item may begin.
    fn is_stopped(&self) -> bool;
}

/// Remote work whose outputs `M` separates into results and reasons to end the call, as on this
/// rank.
pub(crate) struct BranchedWork<'w, X, R, M> {
    function: &'w dyn RemoteFunction,
    remote: &'w dyn Remote<X, R>,
    /// Whether ranks send sums.
    sums: bool,
    mode: PhantomData<fn() -> M>,
}

impl<'w, X, R, M: Branch<R>> BranchedWork<'w, X, R, M> {
    /// Makes the remote form of `work`, if it has one. With `sums`, ranks may send those.
    pub(crate) fn of(work: &'w impl Work<X, Output = R>, sums: bool) -> Option<Self> {
        let (function, remote) = (work.remote_function()?, work.remote()?);
        Some(Self {
            function,
            remote,
            sums: sums && remote.may_be_summed(),
            mode: PhantomData,
        })
    }

    fn branch(output: R) -> ItemResult<M::Value, M::Reason> {
        match M::branch(output) {
            ControlFlow::Continue(value) => Ok(value),
            ControlFlow::Break(reason) => Err(Failure::Break(reason)),
        }
    }
}

impl<X, R, M: Branch<R>> RemoteWork<X, M::Value, M::Reason> for BranchedWork<'_, X, R, M> {
    fn function(&self) -> &'static str {
        self.function.name()
    }

    fn header(&self, threads: Option<usize>) -> Result<CallHeader, ErrorText> {
        let mut constants = Vec::new();
        self.function.constants(&mut constants)?;
        Ok(CallHeader {
            function: self.function.name(),
            threads,
            stop_on: match (self.remote.ends_with_panics(), M::KEEPS_ALL) {
                (false, _) => StopOn::Never,
                (true, true) => StopOn::Panic,
                (true, false) => StopOn::Error,
            },
            sums: self.sums,
            constants,
        })
    }

    fn encode(
        &self,
        item: X,
        into: &mut Vec<u8>,
    ) -> Result<Option<ItemResult<M::Value, M::Reason>>, ErrorText> {
        match self.remote.known(item) {
            Ok(output) => Ok(Some(Self::branch(output))),
            Err(item) => self.remote.encode(&item, into).map(|()| None),
        }
    }

    fn decode(
        &self,
        position: usize,
        rank: Option<&Rank>,
        bytes: &mut &[u8],
    ) -> Result<Received<M::Value, M::Reason>, ErrorText> {
        let (status, rest) = bytes.split_first().ok_or("a result is missing")?;
        *bytes = rest;
        let output = match ItemStatus::from_byte(*status) {
            Some(ItemStatus::Done) => self.remote.decode(position, bytes)?,
            Some(ItemStatus::Leaf) if self.sums && position % LEAF == 0 => {
                let sum = Self::branch(self.remote.decode(position, bytes)?);
                return Ok(sum.map_or_else(|failed| Received::Item(Err(failed)), Received::Sum));
            }
            Some(ItemStatus::Panicked) => {
                let mut message: String = encoding::decode(bytes)?;
                if let Some(rank) = rank {
                    message = format!("{message} ({rank})");
                }
                let payload = Box::new(message);
                match self.remote.panicked(position, payload) {
                    Ok(output) => output,
                    Err(payload) => return Ok(Received::Item(Err(Failure::Item(payload)))),
                }
            }
            Some(ItemStatus::Leaf) | None => {
                return Err(format!("there is no result with status {status}"));
            }
        };
        Ok(Received::Item(Self::branch(output)))
    }

    #[cfg(feature = "processes")]
    fn died(&self, death: ItemDeath) -> ItemResult<M::Value, M::Reason> {
        match self.remote.died(death) {
            Ok(output) => Self::branch(output),
            Err(death) => Err(Failure::Item(Box::new(death.cause.to_string()))),
        }
    }

    fn skipped(&self) -> Option<M::Value> {
        Self::branch(self.remote.skipped()?).ok()
    }

    fn is_stopped(&self) -> bool {
        self.remote.is_stopped()
    }
}

/// Returns the failure of a call of `function` that cannot be shared, for this `reason`. It is a
/// panic, and runs the panic hook.
pub(crate) fn refusal<B>(function: &str, reason: &str) -> Failure<B> {
    let panicked = panic::catch_unwind(|| panic!("`{function}`: {reason}"));
    Failure::Outside(panicked.expect_err("the closure panics"))
}
