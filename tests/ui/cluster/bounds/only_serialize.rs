use parallelize::parallel;

#[derive(serde::Serialize)]
struct Params(u64);

#[parallel(cluster)]
fn f(p: Params) -> u64 {
    p.0
}

fn main() {}
