use parallelize::parallel;

#[parallel(name = "all")]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
