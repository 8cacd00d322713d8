use parallelize::parallel;

#[parallel(local(z = 1))]
fn f(x: u64, y: u64) -> u64 {
    x + y
}

fn main() {}
