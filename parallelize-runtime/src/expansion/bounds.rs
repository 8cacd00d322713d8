//! What generated code asks of the types in a user's signature.
//!
//! Each function holds one bound and does nothing. Its name is what the compiler quotes as the reason.

/// Asks for an item that may go to another thread.
pub const fn item_moves_between_threads<T: ?Sized + Send>() {}

/// Asks for what an item refers to, which items on several threads may do.
pub const fn item_is_shared_by_threads<T: ?Sized + Sync>() {}

/// Asks for a constant that all threads may read at once.
pub const fn constant_is_shared_by_threads<T: ?Sized + Sync>() {}
