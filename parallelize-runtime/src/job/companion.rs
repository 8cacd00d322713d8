//! What generated code calls to make the job of a companion, and to run it.

use super::Job;
#[cfg(feature = "cluster")]
use crate::cluster::Distributed;
use crate::observe::Progress;
use crate::schedule::{Profile, Slices};
#[cfg(feature = "journal")]
use crate::work::Key;
use crate::work::{Fallible, Function, StopAtErr, Work};

/// Makes the job of a companion: `local` makes the state that each worker has for itself, and
/// `apply` does the work for an item. Both receive the `constants`.
pub fn companion<I, C, S, L, F, R>(
    profile: &'static Profile,
    items: I,
    constants: C,
    local: L,
    apply: F,
) -> Job<I::IntoIter, Function<C, L, F>>
where
    I: IntoIterator<IntoIter: Send>,
    C: Sync,
    L: Fn(&C) -> S + Sync,
    F: Fn(&C, &mut S, I::Item) -> R + Sync,
{
    let work = Function {
        constants,
        local,
        apply,
        #[cfg(feature = "journal")]
        key: None,
    };
    Job::new(profile, items, work)
}

/// What generated code calls for the option `fail_fast`.
#[doc(hidden)]
impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the values of all results, or the error with the lowest index.
    ///
    /// # Errors
    ///
    /// Returns the error as the function returned it, if there is one.
    #[track_caller]
    pub(crate) fn fail_fast(
        self,
    ) -> Result<Vec<<W::Output as Fallible>::Ok>, <W::Output as Fallible>::Err>
    where
        W: Work<I::Item, Output: Fallible<Ok: Send, Err: Send>>,
    {
        let mut values = Vec::new();
        match self.run::<StopAtErr, _>(None, &mut values) {
            Ok(()) => Ok(values),
            Err((_, error)) => Err(error),
        }
    }
}

/// What generated code adds to the job of a companion.
#[doc(hidden)]
impl<I, C, L, F> Job<I, Function<C, L, F>> {
    /// Tells which `slices` the items may stand in.
    pub fn within(mut self, slices: Slices) -> Self {
        self.settings.slices = slices;
        self
    }

    /// Sets how the `key` of the job, for its journal, is computed from its constants.
    #[cfg(feature = "journal")]
    pub fn keyed(mut self, key: fn(&C) -> Key) -> Self {
        self.work.key = Some(key);
        self
    }

    /// Lets other ranks that know the `function` share the work. `constants` encodes what they
    /// receive before the first item, `encode` an item, and `decode` decodes a result.
    #[cfg(feature = "cluster")]
    pub fn distributed<R>(
        self,
        function: &'static str,
        constants: fn(&C, &mut Vec<u8>) -> Result<(), String>,
        encode: fn(&I::Item, &mut Vec<u8>) -> Result<(), String>,
        decode: fn(&mut &[u8]) -> Result<R, String>,
    ) -> Job<I, Distributed<C, L, F, I::Item, R>>
    where
        I: Iterator,
        Function<C, L, F>: Work<I::Item, Output = R>,
    {
        Job {
            items: self.items,
            work: Distributed {
                work: self.work,
                function,
                constants,
                encode,
                decode,
            },
            settings: self.settings,
            progress: self.progress,
        }
    }
}
