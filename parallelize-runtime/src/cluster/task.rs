//! A function as a follower knows it: it takes items and sends results.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::message::{ItemStatus, StopOn};
use super::nesting::inside;
use crate::encoding::{self, Reason};
use crate::outcome;

/// A call on a follower, with its constants.
pub trait Task: Send + Sync {
    /// Evaluates a run by a thread that has `local` for itself.
    #[doc(hidden)]
    fn evaluate(
        &self,
        local: &mut Option<Box<dyn Any>>,
        run: RemoteChunk<'_>,
    ) -> Result<Vec<u8>, Reason>;
}

/// The call, or why there is none.
pub type TaskResult = Result<Box<dyn Task>, Reason>;

/// What a thread has for itself in a call, once it has been made.
pub(super) type Local = Option<Box<dyn Any>>;

/// A run that has come by a message.
#[derive(Debug)]
pub struct RemoteChunk<'r> {
    pub(crate) start: usize,
    pub(crate) items: &'r [u8],
    /// The position from which on no item need be begun any more.
    pub(crate) bound: &'r AtomicUsize,
    pub(crate) ends_with: StopOn,
}

/// A function of `#[parallel(cluster)]`, with the constants of a call. Generated code makes one, of
/// closures that hold nothing.
#[derive(Debug)]
pub struct Function<C, X, S, R> {
    /// What all items share.
    pub constants: C,
    /// Takes an item off bytes.
    pub take: fn(&mut &[u8]) -> Result<X, Reason>,
    /// Makes what each thread has for itself.
    pub local: fn(&C) -> S,
    /// Does the work for an item.
    pub apply: fn(&mut S, &C, X) -> R,
    /// Whether a result is an error.
    pub fails: fn(&R) -> bool,
    /// Appends a result to bytes.
    pub put: fn(&R, &mut Vec<u8>) -> Result<(), Reason>,
}

impl<C, X, S, R> Function<C, X, S, R>
where
    C: Send + Sync + 'static,
    X: 'static,
    S: 'static,
    R: 'static,
{
    /// The call that it makes.
    ///
    /// # Errors
    ///
    /// None.
    pub fn begun(self) -> TaskResult {
        Ok(Box::new(self))
    }
}

impl<C, X, S, R> Task for Function<C, X, S, R>
where
    C: Send + Sync,
    S: 'static,
{
    /// What becomes of the items, one after the other, up to the one that ends the call or need not
    /// begin.
    fn evaluate(&self, local: &mut Local, run: RemoteChunk<'_>) -> Result<Vec<u8>, Reason> {
        let (mut items, mut results) = (run.items, Vec::new());
        let mut position = run.start;
        // Relaxed, because it only saves work.
        while !items.is_empty() && position < run.bound.load(Ordering::Relaxed) {
            let item = (self.take)(&mut items)?;
            position += 1;
            if !self.judge(local, item, run.ends_with, &mut results)? {
                run.bound.fetch_min(position, Ordering::Relaxed);
            }
        }
        Ok(results)
    }
}

impl<C, X, S: 'static, R> Function<C, X, S, R> {
    /// Appends what comes of `item` to `results`: whether those behind it are of use.
    fn judge(
        &self,
        local: &mut Local,
        item: X,
        ends_with: StopOn,
        results: &mut Vec<u8>,
    ) -> Result<bool, Reason> {
        // What a panic leaves half changed is made anew.
        let judged = panic::catch_unwind(AssertUnwindSafe(|| {
            let local = local.get_or_insert_with(|| Box::new((self.local)(&self.constants)));
            let local = local.downcast_mut().expect("a thread's own is of one call");
            inside(|| (self.apply)(local, &self.constants, item))
        }));
        match judged {
            Ok(result) => {
                results.push(ItemStatus::Done as u8);
                (self.put)(&result, results)?;
                Ok(ends_with != StopOn::Error || !(self.fails)(&result))
            }
            Err(payload) => {
                outcome::discard(local.take());
                results.push(ItemStatus::Panicked as u8);
                let message = outcome::message_or_note(&*payload);
                encoding::encode(message, results)?;
                outcome::discard(payload);
                Ok(ends_with == StopOn::Never)
            }
        }
    }
}
