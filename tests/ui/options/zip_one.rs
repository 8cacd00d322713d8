use parallelize::parallel;

#[parallel(zip(x))]
fn f(x: u64, y: u64) -> u64 {
    x + y
}

fn main() {}
