use parallelize::parallel;

#[parallel]
fn f(x: u64, k: u64) -> u64 {
    x + k
}

fn main() {
    f_parallel(["a", "b"], 1);
}
