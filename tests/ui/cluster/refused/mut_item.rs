use parallelize::parallel;

#[parallel(cluster)]
fn f(x: &mut u64, k: u64) {
    *x += k;
}

fn main() {}
