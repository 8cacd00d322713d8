//! The types of the constant arguments, and how often they are cloned.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use parallelize::parallel;

use crate::assert_agree;

#[parallel]
fn scale(x: f64, factor: f64, offsets: &[f64], names: &HashMap<u64, String>) -> String {
    format!("{} {:?}", x * factor + offsets[0], names.get(&(x as u64)))
}

#[parallel]
fn owned(x: usize, mut names: Vec<String>) -> Vec<String> {
    names.push(x.to_string());
    names
}

#[parallel]
fn callables(x: f64, a: impl Fn(f64) -> f64, b: &impl Fn(f64) -> f64, c: fn(f64) -> f64) -> f64 {
    c(b(a(x)))
}

#[parallel]
fn objects(x: f64, a: &(dyn Fn(f64) -> f64 + Sync), b: &Mutex<f64>) -> f64 {
    a(x) + *b.lock().expect("no panic while it is locked")
}

#[parallel]
fn shapes(
    x: usize,
    pair: (usize, &str),
    array: [usize; 3],
    nested: &(usize, Vec<Option<u8>>),
) -> String {
    format!("{x} {pair:?} {array:?} {nested:?}")
}

struct Counted<'a>(&'a AtomicUsize);

impl Clone for Counted<'_> {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

#[parallel]
fn counted(x: usize, _clone: Counted<'_>) -> usize {
    x
}

#[parallel]
fn shared(x: usize, _shared: &Counted<'_>) -> usize {
    x
}

#[test]
fn references_and_numbers_are_accepted() {
    let names = HashMap::from([(3, "three".to_owned())]);
    assert_agree(
        || {
            (0..100)
                .map(|x| scale(f64::from(x), 2.0, &[0.5], &names))
                .collect::<Vec<_>>()
        },
        || scale_parallel((0..100).map(f64::from), 2.0, &[0.5], &names),
    );
}

#[test]
fn the_function_may_consume_owned_constants() {
    let names = vec!["a".to_owned()];
    assert_agree(
        || {
            (0..100)
                .map(|x| owned(x, names.clone()))
                .collect::<Vec<_>>()
        },
        || owned_parallel(0..100, names.clone()),
    );
}

#[test]
fn functions_and_closures_are_accepted() {
    let offset = 0.5;
    let items = || (0..100).map(f64::from);
    assert_agree(
        || {
            items()
                .map(|x| callables(x, |x| x + offset, &|x| x * offset, f64::sqrt))
                .collect::<Vec<_>>()
        },
        || callables_parallel(items(), |x| x + offset, &|x| x * offset, f64::sqrt),
    );
    assert_agree(
        || {
            items()
                .map(|x| objects(x, &|x| x + offset, &Mutex::new(1.0)))
                .collect::<Vec<_>>()
        },
        || objects_parallel(items(), &|x| x + offset, &Mutex::new(1.0)),
    );
}

#[test]
fn tuples_and_arrays_are_accepted() {
    let nested = (1, vec![Some(2), None]);
    assert_agree(
        || {
            (0..100)
                .map(|x| shapes(x, (x, "a"), [x; 3], &nested))
                .collect::<Vec<_>>()
                .len()
        },
        || shapes_parallel(0..100, (7, "a"), [7; 3], &nested).len(),
    );
}

#[test]
fn an_owned_constant_is_cloned_once_per_item_and_a_reference_never() {
    let clones = AtomicUsize::new(0);
    counted_parallel(0..1000, Counted(&clones));
    assert_eq!(clones.load(Ordering::Relaxed), 1000);
    shared_parallel(0..1000, &Counted(&clones));
    assert_eq!(clones.load(Ordering::Relaxed), 1000);
}

trait Shape<T>: Sync {
    fn area(&self, scale: T) -> T;
}

struct Unit<'a>(&'a f64);

impl Shape<f64> for Unit<'_> {
    fn area(&self, scale: f64) -> f64 {
        scale * self.0
    }
}

#[parallel]
fn generic_objects<T: Clone>(
    x: T,
    function: &(dyn Fn(T) -> T + Sync),
    shapes: &[&dyn Shape<T>],
) -> Vec<T> {
    shapes
        .iter()
        .map(|shape| shape.area(function(x.clone())))
        .collect()
}

#[parallel]
fn generic_object<T: Clone>(function: &(dyn Fn(T) -> T + Sync), x: T) -> T {
    function(x)
}

#[test]
fn objects_may_depend_on_type_parameters() {
    let (one, offset) = (1.0, 0.5);
    let shapes: [&dyn Shape<f64>; 1] = [&Unit(&one)];
    let function = |x: f64| x + offset;
    assert_agree(
        || {
            [1.0, 2.0]
                .map(|x| generic_objects(x, &function, &shapes))
                .to_vec()
        },
        || generic_objects_parallel([1.0, 2.0], &function, &shapes),
    );
    let functions: [&(dyn Fn(f64) -> f64 + Sync); 2] = [&function, &|x| x * offset];
    assert_eq!(generic_object_parallel(functions, 4.0), [4.5, 2.0]);
}
