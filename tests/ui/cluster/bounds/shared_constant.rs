use parallelize::parallel;

struct Model(u64);

#[parallel(cluster)]
fn f(x: u64, model: &Model) -> u64 {
    model.0 + x
}

fn main() {}
