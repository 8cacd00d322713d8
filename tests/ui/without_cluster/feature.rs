use parallelize::parallel;

#[parallel(threads = 2, cluster)]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
