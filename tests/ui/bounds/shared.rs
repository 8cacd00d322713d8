use std::cell::Cell;

use parallelize::parallel;

struct Model {
    calls: Cell<u64>,
}

#[parallel]
fn f(x: u64, model: &Model) -> u64 {
    x + model.calls.get()
}

fn main() {
    f_parallel([1], &Model { calls: Cell::new(1) });
}
