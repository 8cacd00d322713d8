use parallelize::parallel;

#[parallel(crate = self::parallelize)]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
