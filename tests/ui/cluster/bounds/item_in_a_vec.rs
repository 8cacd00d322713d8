use parallelize::parallel;

struct Params(u64);

#[parallel(cluster)]
fn f(p: Vec<Params>, k: u64) -> u64 {
    p[0].0 + k
}

fn main() {}
