use parallelize::parallel;

struct Model(u64);

#[parallel]
fn f(x: u64, model: Model) -> u64 {
    x + model.0
}

fn main() {}
