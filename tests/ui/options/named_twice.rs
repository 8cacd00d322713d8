use parallelize::parallel;

#[parallel(zip(x, x), local(y = 1))]
fn f(x: u64, y: &mut u64) -> u64 {
    x + *y
}

fn main() {}
