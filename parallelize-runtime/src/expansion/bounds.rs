//! The bounds that generated code demands of the types in a user's signature.
//!
//! Each function holds one bound and does nothing. Its name is what the compiler quotes as the
//! reason.

/// Demands an item that may move to another thread.
pub const fn item_moves_between_threads<T: ?Sized + Send>() {}

/// Demands a value that an item refers to and that several threads may share.
pub const fn item_is_shared_by_threads<T: ?Sized + Sync>() {}

/// Demands a constant that all threads may read at once.
pub const fn constant_is_shared_by_threads<T: ?Sized + Sync>() {}
