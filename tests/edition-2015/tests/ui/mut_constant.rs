extern crate parallelize;

use parallelize::parallel;

#[parallel]
fn f(x: u64, count: &mut u64) -> u64 {
    *count += x;
    *count
}

fn main() {}
