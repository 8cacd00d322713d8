use std::rc::Rc;

use parallelize::parallel;

#[parallel]
fn f(x: u64) -> u64 {
    x
}

struct Counter(Rc<u64>);

impl Iterator for Counter {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        Some(*self.0)
    }
}

fn main() {
    f_parallel(Counter(Rc::new(1)));
}
