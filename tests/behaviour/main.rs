//! Every companion gives what the plain loop gives.

// The functions here are as people write them, and not always as clippy would.
#![allow(clippy::pedantic, clippy::style, clippy::complexity)]

mod arguments;
mod associated;
mod attributes;
mod constants;
mod generics;
mod hygiene;
mod jobs;
#[cfg(feature = "journal")]
mod journal;
mod lifetimes;
mod macros;
mod methods;
mod options;
mod patterns;
mod results;
mod traits;

use std::fmt::Debug;

/// Checks that the companion agrees with the loop, on a team of one, of two, and of more than there are cores.
fn agree<R: Debug + PartialEq + Send>(serial: impl Fn() -> R, parallel: impl Fn() -> R + Sync) {
    let expected = serial();
    for threads in [1, 2, 16] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("a pool can be built");
        assert_eq!(pool.install(&parallel), expected, "on {threads} threads");
    }
}
