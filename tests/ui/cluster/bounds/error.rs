use std::num::ParseIntError;

use parallelize::parallel;

#[parallel(cluster, fail_fast)]
fn f(text: &str) -> Result<u64, ParseIntError> {
    text.parse()
}

fn main() {}
