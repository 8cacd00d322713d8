//! A function as a follower knows it: it receives items and returns results.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::message::{ItemStatus, StopOn};
use super::nesting::in_item;
use crate::encoding::{self, ErrorText};
use crate::outcome::{self, Payload};
use crate::work::{LEAF, adder};

/// A call on a follower, with its constants.
pub trait Task: Send + Sync {
    /// Evaluates `chunk` on a thread whose own state is `local`. Returns the encoded results, up to
    /// the first item that ends the call or need not begin.
    #[doc(hidden)]
    fn evaluate(
        &self,
        local: &mut Option<Box<dyn Any>>,
        chunk: RemoteChunk<'_>,
    ) -> Result<Vec<u8>, ErrorText>;
}

/// A call on a follower, or the reason why it cannot begin.
pub type TaskResult = Result<Box<dyn Task>, ErrorText>;

/// A thread's own state in a call, once it has one.
pub(crate) type Local = Option<Box<dyn Any>>;

/// What a thread does before the item at a position, with the results since the last time. Returns
/// whether the item begins.
pub(crate) type Begins<'b> = dyn Fn(usize, &mut Vec<u8>) -> bool + 'b;

/// A chunk that arrived in a message.
#[expect(missing_debug_implementations, reason = "nothing prints it")]
pub struct RemoteChunk<'r> {
    /// The position of its first item.
    pub(super) start: usize,
    pub(super) items: &'r [u8],
    /// The position from which on no item need begin.
    pub(super) bound: &'r AtomicUsize,
    pub(super) stop_on: StopOn,
    /// Whether results are sums of leaves, as far as the chunk holds whole ones.
    pub(super) sums: bool,
    /// Called before each item.
    pub(super) begins: Option<&'r Begins<'r>>,
}

/// A function of `#[parallel(cluster)]` and the constants of a call. Generated code makes it from
/// closures that capture nothing.
#[derive(Debug)]
pub struct Function<C, X, S, R> {
    /// The values that all items share.
    pub constants: C,
    /// Takes an item off bytes.
    pub take: fn(&mut &[u8]) -> Result<X, ErrorText>,
    /// Makes a thread's own state.
    pub local: fn(&C) -> S,
    /// Evaluates an item.
    pub apply: fn(&C, &mut S, X) -> R,
    /// Returns whether a result is an error.
    pub fails: fn(&R) -> bool,
    /// Appends a result to bytes.
    pub put: fn(&R, &mut Vec<u8>) -> Result<(), ErrorText>,
}

impl<C, X, S, R> Function<C, X, S, R>
where
    C: Send + Sync + 'static,
    X: 'static,
    S: 'static,
    R: 'static,
{
    /// Makes the call, in the form that `Entry::begin` returns.
    ///
    /// # Errors
    ///
    /// Never returns one: the constants have been decoded already.
    pub fn begun(self) -> TaskResult {
        Ok(Box::new(self))
    }
}

impl<C, X, S, R> Task for Function<C, X, S, R>
where
    C: Send + Sync,
    S: 'static,
    R: 'static,
{
    fn evaluate(&self, local: &mut Local, chunk: RemoteChunk<'_>) -> Result<Vec<u8>, ErrorText> {
        let (mut items, mut results) = (chunk.items, Vec::new());
        let mut position = chunk.start;
        let adder = chunk.sums.then(adder::<R>).flatten();
        let mut leaf = adder.map(LeafSum::new);
        // Relaxed, because it only saves work.
        while !items.is_empty() && position < chunk.bound.load(Ordering::Relaxed) {
            // Not a part of the item: it takes no longer because of the state.
            let state = self.prepare(local);
            let begins = chunk.begins;
            if !begins.is_none_or(|begins| begins(position, &mut results)) {
                break;
            }
            let item = (self.take)(&mut items)?;
            if let Some(leaf) = leaf.as_mut().filter(|_| position % LEAF == 0) {
                leaf.begin(results.len());
            }
            position += 1;
            let (result, ends) =
                self.evaluate_item(state, local, item, chunk.stop_on, &mut results)?;
            if ends {
                chunk.bound.fetch_min(position, Ordering::Relaxed);
            }
            if let Some(leaf) = &mut leaf {
                leaf.add(result);
                if let Some((begun, sum)) = (position % LEAF == 0).then(|| leaf.end()).flatten() {
                    results.truncate(begun);
                    results.push(ItemStatus::Leaf as u8);
                    (self.put)(&sum, &mut results)?;
                }
            }
        }
        Ok(results)
    }
}

impl<C, X, S: 'static, R> Function<C, X, S, R> {
    /// Makes the thread's own state, if there is none.
    ///
    /// # Errors
    ///
    /// Returns the panic that prevented it, which is that of the next item.
    fn prepare(&self, local: &mut Local) -> Result<(), Payload> {
        if local.is_none() {
            let make = AssertUnwindSafe(|| (self.local)(&self.constants));
            *local = Some(Box::new(panic::catch_unwind(make)?));
        }
        Ok(())
    }

    /// Evaluates `item` if there is a `state`, and appends its status and result to `results`.
    /// Returns the result, and whether the item ends the call.
    fn evaluate_item(
        &self,
        state: Result<(), Payload>,
        local: &mut Local,
        item: X,
        stop_on: StopOn,
        results: &mut Vec<u8>,
    ) -> Result<(Option<R>, bool), ErrorText> {
        // Unwind safe, because a panic discards the state that it may have left half changed.
        let evaluate = AssertUnwindSafe(|| {
            let local = local.as_mut().and_then(|local| local.downcast_mut());
            let local = local.expect("the state is of this call");
            in_item(|| (self.apply)(&self.constants, local, item))
        });
        match state.and_then(|()| panic::catch_unwind(evaluate)) {
            Ok(result) => {
                results.push(ItemStatus::Done as u8);
                (self.put)(&result, results)?;
                let ends = stop_on == StopOn::Error && (self.fails)(&result);
                Ok((Some(result), ends))
            }
            Err(payload) => {
                outcome::discard(local.take());
                results.push(ItemStatus::Panicked as u8);
                let message = outcome::message_or_note(&*payload);
                encoding::encode(message, results)?;
                outcome::discard(payload);
                Ok((None, stop_on != StopOn::Never))
            }
        }
    }
}

/// The sum of the results of a leaf so far, unless its beginning belongs to another chunk.
struct LeafSum<R> {
    add: fn(R, R) -> R,
    /// Where the results of the leaf begin among the encoded ones.
    begun: Option<usize>,
    sum: Option<R>,
}

impl<R> LeafSum<R> {
    fn new(add: fn(R, R) -> R) -> Self {
        Self {
            add,
            begun: None,
            sum: None,
        }
    }

    fn begin(&mut self, begun: usize) {
        (self.begun, self.sum) = (Some(begun), None);
    }

    /// Adds the result of the next item. If there is none, or if adding it panics, as by an
    /// overflow, the results are sent one by one, and the leader meets the panic.
    fn add(&mut self, result: Option<R>) {
        let Some(result) = result else {
            self.begun = None;
            return;
        };
        let (add, sum) = (self.add, self.sum.take());
        let added = AssertUnwindSafe(|| match sum {
            Some(sum) => add(sum, result),
            None => result,
        });
        match panic::catch_unwind(added) {
            Ok(sum) => self.sum = Some(sum),
            Err(payload) => {
                outcome::discard(payload);
                self.begun = None;
            }
        }
    }

    /// Returns where the leaf began, and its sum.
    fn end(&mut self) -> Option<(usize, R)> {
        self.begun.take().zip(self.sum.take())
    }
}
