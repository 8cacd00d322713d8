use std::cell::Cell;
use std::fmt::Debug;

use parallelize::parallel;

#[parallel]
fn f<T: Debug>(x: u64, k: &T) -> String {
    format!("{x} {k:?}")
}

fn main() {
    f_parallel([1], &Cell::new(1));
}
