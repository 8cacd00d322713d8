use parallelize::parallel;

#[parallel]
fn f(x: *const u64, k: u64) -> u64 {
    x as u64 + k
}

fn main() {}
