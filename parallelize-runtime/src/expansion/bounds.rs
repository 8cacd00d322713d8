//! The bounds that generated code demands of the types in a user's signature.
//!
//! Each function holds one bound and does nothing. As the reason for an error, the compiler quotes
//! its name and the line of the bound. So that line says what to do.

/// Demands an item that may move to another thread.
pub const fn item_moves_between_threads<T>()
where
    T: ?Sized + Send, // For an `Rc`, take an `Arc`; for a `Box<dyn Fn()>`, `Box<dyn Fn() + Send>`.
{
}

/// Demands a value that an item refers to and that several threads may share.
pub const fn item_is_shared_by_threads<T>()
where
    T: ?Sized + Sync, // For an `Rc`, take an `Arc`; for a `&dyn Fn()`, a `&(dyn Fn() + Sync)`.
{
}

/// Demands a constant that all threads may read at once.
pub const fn constant_is_shared_by_threads<T>()
where
    T: ?Sized + Sync, // For an `Rc`, take an `Arc`; for a `&dyn Fn()`, a `&(dyn Fn() + Sync)`.
{
}
