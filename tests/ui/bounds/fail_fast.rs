use parallelize::parallel;

#[parallel(fail_fast)]
fn f(x: u64) -> Option<u64> {
    Some(x)
}

fn main() {}
