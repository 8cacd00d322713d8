use parallelize::parallel;

#[parallel(over())]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
