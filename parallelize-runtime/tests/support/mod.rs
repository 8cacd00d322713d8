//! Helpers that several tests share.
#![allow(dead_code, reason = "each test uses only a part of it")]

pub(crate) mod arrivals;
pub(crate) mod child;
pub(crate) mod counted;
pub(crate) mod panics;
pub(crate) mod scratch;
pub(crate) mod tree;

use std::sync::Mutex;

use parallelize_runtime::__private::{Profile, companion};
use parallelize_runtime::{Job, Work};

/// Numbers of threads: one, two, and more than there are cores.
pub(crate) const THREADS: [usize; 3] = [1, 2, 16];

/// Chunk sizes: automatic, one item, a few items, and more items than most tests have.
pub(crate) const CHUNK_SIZES: [usize; 4] = [0, 1, 7, 1_000];

/// Calls `test` with every combination of [`THREADS`] and [`CHUNK_SIZES`].
pub(crate) fn in_every_setting(test: impl Fn(usize, usize)) {
    for threads in THREADS {
        for chunk in CHUNK_SIZES {
            test(threads, chunk);
        }
    }
}

/// Like [`in_every_setting`], but also with the default number of threads.
pub(crate) fn in_every_setting_and_by_default(test: impl Fn(usize, usize)) {
    for chunk in CHUNK_SIZES {
        test(0, chunk);
    }
    in_every_setting(test);
}

/// Returns a profile that knows nothing yet.
pub(crate) fn new_profile() -> &'static Profile {
    /// Keeps the profiles in sight of the leak sanitizer.
    static PROFILES: Mutex<Vec<&Profile>> = Mutex::new(Vec::new());
    let profile = Box::leak(Box::default());
    PROFILES.lock().unwrap().push(profile);
    profile
}

/// Returns a job with a profile of its own: nothing is known yet about the cost of its items.
pub(crate) fn fresh<I, R>(
    items: I,
    function: impl Fn(I::Item) -> R + Sync,
) -> Job<I::IntoIter, impl Work<I::Item, Output = R>>
where
    I: IntoIterator<IntoIter: Send>,
    R: Send,
{
    let apply = move |(): &(), (): &mut (), item| function(item);
    companion(new_profile(), items, (), |()| (), apply)
}
