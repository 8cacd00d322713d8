use parallelize::parallel;

#[parallel(skip_none, fail_fast)]
fn f(x: u64) {
    let _ = x;
}

fn main() {}
