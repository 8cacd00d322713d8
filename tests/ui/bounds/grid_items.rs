use parallelize::parallel;

struct File;

#[parallel(grid(a, b))]
fn f(a: File, b: u64) -> u64 {
    drop(a);
    b
}

fn main() {}
