#![doc = include_str!("guide/overview.md")]

#[doc = include_str!("guide/items.md")]
pub mod items {}

#[doc = include_str!("guide/failures.md")]
pub mod failures {}

#[doc = include_str!("guide/random_numbers.md")]
pub mod random_numbers {}

#[doc = include_str!("guide/reductions.md")]
pub mod reductions {}

#[doc = include_str!("guide/files.md")]
pub mod files {}

#[doc = include_str!("guide/networks.md")]
pub mod networks {}

#[doc = include_str!("guide/progress.md")]
pub mod progress {}

#[doc = include_str!("guide/processes.md")]
pub mod processes {}

#[doc = include_str!("guide/restarts.md")]
pub mod restarts {}

#[doc = include_str!("guide/clusters.md")]
pub mod clusters {}

#[doc = include_str!("guide/reports.md")]
pub mod reports {}

#[doc = include_str!("guide/contention.md")]
pub mod contention {}

#[doc = include_str!("guide/debugging.md")]
pub mod debugging {}

#[doc = include_str!("guide/python.md")]
pub mod python {}

#[doc = include_str!("guide/internals.md")]
pub mod internals {}
