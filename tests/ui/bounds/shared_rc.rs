use std::rc::Rc;

use parallelize::parallel;

struct Model {
    weights: Rc<[f64]>,
}

#[parallel]
fn scale(x: f64, model: &Model) -> f64 {
    x * model.weights[0]
}

#[parallel]
fn first(names: Rc<[String]>) -> usize {
    names[0].len()
}

fn main() {}
