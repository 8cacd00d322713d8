use parallelize::parallel;

#[parallel]
fn f(x: u64) -> u64 {
    let y = missing;
    x.
}

fn uses() -> Vec<u64> {
    f_parallel([1])
}

fn main() {}
