use parallelize::parallel;

#[parallel(skip_none)]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
