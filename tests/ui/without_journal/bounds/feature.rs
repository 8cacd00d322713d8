use parallelize::parallel;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

fn main() -> std::io::Result<()> {
    let squares = square_job(0..10).journal("squares")?.collect();
    assert_eq!(squares[3], 9);
    Ok(())
}
