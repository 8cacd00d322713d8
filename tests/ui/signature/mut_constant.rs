use parallelize::parallel;

#[parallel]
fn f(x: u64, total: &mut u64) {
    *total += x;
}

fn main() {}
