//! Arguments that are made for each item.

/// Makes the argument for the item at `position`.
///
/// Called directly, the closure would not let the compiler know the type of a position.
#[inline]
pub fn each<T>(make: impl FnOnce(usize) -> T, position: usize) -> T {
    make(position)
}

/// What mentions this gives each worker a generator with a fixed seed.
#[deprecated(
    note = "every worker would draw the same numbers, and results would depend on the \
                     number of threads; make a generator for each item: `each(rng = |index| ..)`"
)]
pub const SEEDED_LOCAL: () = ();
