use std::cell::Cell;

use parallelize::parallel;

struct Model {
    calls: Cell<u64>,
}

impl Model {
    #[parallel]
    fn f(&self, x: u64) -> u64 {
        x + self.calls.get()
    }
}

fn main() {}
