//! Companions in the oldest edition, where a path begins at the root of the crate.

extern crate parallelize;

use parallelize::parallel;

/// Returns the square of a number.
#[parallel]
pub fn square(x: u64) -> u64 {
    x * x
}

#[test]
fn companions_work() {
    assert_eq!(square_parallel(0..3), [0, 1, 4]);
    assert_eq!(square_job(0..3).sum::<u64>(), 5);
}
