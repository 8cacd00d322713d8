use parallelize::parallel;

struct Model(u64);

#[parallel(cluster)]
fn f(x: u64, models: &[Model]) -> u64 {
    models[0].0 + x
}

fn main() {}
