use parallelize::parallel;

#[parallel(cluster)]
fn f(x: u64, sum: &mut u64) {
    *sum += x;
}

fn main() {}
