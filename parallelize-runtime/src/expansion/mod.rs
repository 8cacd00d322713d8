//! What expansions of `#[parallel]` call, under the name `__private`. Not part of the public
//! interface.
//!
//! This room may use `job`, `cluster`, `work`, `schedule` and `outcome`.

mod bounds;
mod each;
mod grid;
mod item;
mod option_results;
mod pointee;
mod zip;

pub use std::vec::Vec;

pub use self::bounds::{
    constant_is_shared_by_threads, item_is_shared_by_threads, item_moves_between_threads,
};
#[expect(deprecated, reason = "its mention is a warning to users")]
pub use self::each::SEEDED_LOCAL;
pub use self::each::each;
pub use self::grid::{Grid, axis, grid};
pub use self::item::Item;
pub use self::option_results::{Optional, fail_fast, somes};
pub use self::pointee::{Pointee, Unsized};
pub use self::zip::{Zip, zip};
#[cfg(feature = "cluster")]
pub use crate::cluster;
pub use crate::job::{Job, companion};
pub use crate::schedule::{Profile, Slices};
#[cfg(feature = "journal")]
pub use crate::work::{Constant, Key};
pub use crate::work::{Fallible, Work};
