use parallelize::parallel;

#[parallel(overr(x))]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
