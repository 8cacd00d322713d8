use parallelize::parallel;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    let squares = square_job(0..10).processes(2).collect();
    assert_eq!(squares[3], 9);
}
