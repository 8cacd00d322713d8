use parallelize::parallel;

#[parallel(speed = 9, over(z), "fast")]
async fn f(x: u64, y: &mut u64) -> u64 {
    x + *y
}

fn main() {}
