use parallelize::parallel;

#[parallel]
fn f() -> u64 {
    1
}

fn uses() -> u64 {
    f()
}

fn main() {}
