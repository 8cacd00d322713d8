use std::cell::Cell;
use std::rc::Rc;

use parallelize::parallel;

#[parallel]
fn f(x: Rc<u64>, a: &Cell<u64>, b: Rc<u64>) -> Rc<u64> {
    Rc::new(*x + a.get() + *b)
}

fn main() {}
