use parallelize::{job, parallel};

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square_job(0..10).processes(2).collect();
    job(0..10, |x: u64| x * x).processes(2).collect();
}
