use parallelize::parallel;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square_job(0..10).progress().collect();
    parallelize::job(0..10, |x| x * x).progress_with(()).collect();
}
