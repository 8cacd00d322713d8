use parallelize::parallel;

#[parallel(name = f)]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
