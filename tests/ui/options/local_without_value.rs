use parallelize::parallel;

#[parallel(local(y))]
fn f(x: u64, y: &mut u64) -> u64 {
    x + *y
}

fn main() {}
