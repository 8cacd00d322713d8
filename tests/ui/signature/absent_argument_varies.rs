use parallelize::parallel;

#[parallel]
fn f(#[cfg(unix)] x: u64, #[cfg(not(unix))] x: u64, y: u64) -> u64 {
    x + y
}

fn main() {}
