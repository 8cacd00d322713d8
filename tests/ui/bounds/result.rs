use std::rc::Rc;

use parallelize::parallel;

#[parallel]
fn f(x: u64) -> Rc<u64> {
    Rc::new(x)
}

fn main() {}
