use parallelize::parallel;

#[parallel]
async fn f(x: u64) -> u64 {
    x
}

fn main() {}
