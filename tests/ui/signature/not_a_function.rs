use parallelize::parallel;

#[parallel]
struct Model {
    k: f64,
}

fn uses(model: Model) -> f64 {
    model.k
}

fn main() {}
