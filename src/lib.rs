//! One line above a slow function, and it runs on all cores.
#![forbid(unsafe_code)]

pub use parallelize_macros::parallel;
pub use parallelize_runtime::map;

#[doc(hidden)]
pub use parallelize_runtime::__private;
