use parallelize::parallel;

struct Outcome(u64);

#[parallel(cluster)]
fn f(x: u64) -> Outcome {
    Outcome(x)
}

fn main() {}
