use parallelize::parallel;

#[parallel(cluster)]
#[target_feature(enable = "sse2")]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
