use parallelize::parallel;

#[parallel(cluster, cluster)]
fn f(x: u64) -> u64 {
    x
}

fn main() {}
