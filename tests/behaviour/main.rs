//! Every companion returns what the plain loop returns.

// The functions here are written as users write them, with or without clippy.
#![allow(clippy::pedantic, clippy::style, clippy::complexity)]

mod arguments;
mod associated;
mod attributes;
mod constants;
mod each;
mod generics;
mod hygiene;
mod jobs;
#[cfg(feature = "journal")]
mod journal;
mod lifetimes;
mod macros;
mod methods;
mod opaque;
mod options;
mod owners;
mod patterns;
mod results;
mod traits;

use std::fmt::Debug;

/// Asserts that the companion agrees with the loop on one thread, on two, and on more than there
/// are cores.
fn assert_agree<R: Debug + PartialEq + Send>(
    serial: impl Fn() -> R,
    parallel: impl Fn() -> R + Sync,
) {
    let expected = serial();
    for threads in [1, 2, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("a pool can be built");
        assert_eq!(pool.install(&parallel), expected, "on {threads} threads");
    }
}
