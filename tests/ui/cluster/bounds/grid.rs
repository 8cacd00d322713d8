use parallelize::parallel;

#[derive(Clone)]
struct Params(u64);

#[parallel(cluster, grid(x, p))]
fn f(x: u64, p: Params) -> u64 {
    p.0 + x
}

fn main() {}
