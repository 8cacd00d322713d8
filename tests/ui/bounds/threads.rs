use parallelize::parallel;

#[parallel(threads = "all")]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
