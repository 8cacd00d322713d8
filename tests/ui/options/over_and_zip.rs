use parallelize::parallel;

#[parallel(over(x), zip(x, y))]
fn f(x: u64, y: u64) -> u64 {
    x + y
}

fn main() {}
