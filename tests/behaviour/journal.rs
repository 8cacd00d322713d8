//! Jobs that continue where an earlier start stopped.

#[path = "../../parallelize-runtime/tests/support/scratch.rs"]
mod scratch;

use std::collections::HashMap;
use std::fs;

use parallelize::{JournalErrorKind, parallel};
use scratch::Scratch;
use serde::Serialize;

#[derive(Clone, Serialize)]
struct Model {
    weights: HashMap<String, f64>,
}

impl Model {
    fn new(weight: f64) -> Self {
        let weights = (0..20).map(|i| (i.to_string(), weight + f64::from(i)));
        Self {
            weights: weights.collect(),
        }
    }

    #[parallel(over(seed))]
    fn simulate(&self, seed: u64, steps: usize, names: Vec<String>) -> f64 {
        let weights = names.iter().filter_map(|name| self.weights.get(name));
        weights.sum::<f64>() * steps as f64 + seed as f64
    }

    #[parallel(zip(a, b), local(buffer = Vec::with_capacity(self.weights.len())))]
    fn total(self, a: u8, b: u8, buffer: &mut Vec<f64>) -> f64 {
        buffer.clear();
        buffer.extend(self.weights.values());
        buffer.sort_by(f64::total_cmp);
        buffer.iter().sum::<f64>() * f64::from(a) + f64::from(b)
    }
}

#[test]
fn methods_store_results_and_refuse_other_constants() {
    let path = Scratch::new();
    let names = || vec!["1".to_owned(), "7".to_owned()];
    let looped: Vec<_> = (0..100)
        .map(|seed| Model::new(0.5).simulate(seed, 3, names()))
        .collect();
    for threads in [1, 2, 16] {
        // The order of the map differs each time.
        let model = Model::new(0.5);
        let job = model.simulate_job(0..100, 3, names()).threads(threads);
        assert_eq!(job.journal(&path).unwrap().collect(), looped);
    }
    let whole = fs::read(&path).unwrap();
    for (constant, weight, steps, name) in [
        ("self", 0.6, 3, "7"),
        ("steps", 0.5, 4, "7"),
        ("names", 0.5, 3, "8"),
    ] {
        let model = Model::new(weight);
        let job = model.simulate_job(0..100, steps, vec!["1".to_owned(), name.to_owned()]);
        let error = job.journal(&path).unwrap_err();
        assert!(
            matches!(&error.kind, JournalErrorKind::Constant { name } if name == constant),
            "{error}"
        );
    }
    assert_eq!(fs::read(&path).unwrap(), whole);
}

#[test]
fn items_of_several_arguments_are_stored_and_compared() {
    let path = Scratch::new();
    let looped: Vec<_> = (0..50)
        .map(|a| Model::new(1.0).total(a, a + 1, &mut Vec::new()))
        .collect();
    for _ in 0..2 {
        let job = Model::new(1.0).total_job(0..50, 1..51);
        assert_eq!(job.journal(&path).unwrap().collect(), looped);
    }
    let error = Model::new(1.0).total_job(0..50, 2..52).journal(&path);
    assert!(matches!(
        error.unwrap_err().kind,
        JournalErrorKind::Item { index: 0 }
    ));
}

trait Shape {
    const SIDES: u32;

    #[parallel(over(scale))]
    fn area(&self, scale: u32) -> u32
    where
        Self: Sync,
    {
        Self::SIDES * scale
    }
}

struct Triangle;
struct Square;

impl Shape for Triangle {
    const SIDES: u32 = 3;
}

impl Shape for Square {
    const SIDES: u32 = 4;
}

#[parallel]
fn power<const N: u32, T: Copy + Into<u64>>(base: T) -> u64 {
    base.into().pow(N)
}

#[parallel]
fn applied(x: u64, function: &impl Fn(u64) -> u64) -> u64 {
    function(x)
}

#[parallel]
fn generic<T: Sync>(x: u64, values: &[T]) -> u64 {
    x + values.len() as u64
}

#[parallel]
fn known<T: Sync + Serialize>(x: u64, values: &[T]) -> u64 {
    x + values.len() as u64
}

#[test]
fn generics_are_part_of_the_function() {
    let path = Scratch::new();
    let cubes = power_job::<3, u32, _>(0..10_u32);
    cubes.journal(&path).unwrap().collect();
    let squares = power_job::<2, u32, _>(0..10_u32);
    assert!(matches!(
        squares.journal(&path).unwrap_err().kind,
        JournalErrorKind::Function { .. }
    ));
    let wide = power_job::<3, u64, _>(0..10_u64);
    assert!(matches!(
        wide.journal(&path).unwrap_err().kind,
        JournalErrorKind::Function { .. }
    ));
    // The type of the iterator does not matter.
    let cubes = power_job::<3, u32, _>(Vec::from_iter(0..20_u32));
    assert_eq!(cubes.journal(&path).unwrap().collect()[19], 19_u64.pow(3));
}

#[test]
fn a_constant_that_cannot_be_compared_is_named() {
    let path = Scratch::new();
    let says = |error: parallelize::JournalError, parts: &[&str]| {
        for part in parts {
            assert!(error.to_string().contains(part), "{error}");
        }
    };
    let error = Triangle.area_job(0..3).journal(&path).unwrap_err();
    says(
        error,
        &[
            "`self` of",
            "Shape>::area`",
            "&behaviour::journal::Triangle`",
        ],
    );
    let error = applied_job(0..3, &|x| x).journal(&path).unwrap_err();
    says(error, &["`function` of `behaviour::journal::applied`"]);
    let error = generic_job(0..3, &[1_u8]).journal(&path).unwrap_err();
    says(
        error,
        &["`values` of", "not known to be `serde::Serialize`"],
    );
    assert!(!path.0.exists());
    assert_eq!(Square.area_job(0..3).collect(), [0, 4, 8]);
    let known = known_job(0..3, &[1_u8]).journal(&path).unwrap();
    assert_eq!(known.collect(), [1, 2, 3]);
}

#[parallel(fail_fast)]
fn parsed(text: &str, radix: u32) -> Result<u32, std::num::ParseIntError> {
    u32::from_str_radix(text, radix)
}

#[test]
fn errors_need_not_be_serializable() {
    let path = Scratch::new();
    let texts = ["1", "ff", "x", "10"];
    for _ in 0..2 {
        let job = parsed_job(texts, 16).journal_ok(&path).unwrap();
        assert_eq!(job.try_collect().unwrap_err().index, 2);
        let job = parsed_job(texts, 16).journal_ok(&path).unwrap();
        let looped: Vec<_> = texts.iter().map(|text| parsed(text, 16)).collect();
        assert_eq!(job.collect(), looped);
    }
}

#[parallel(each(at = |i| i * scale))]
fn positioned(x: u64, at: usize, _scale: usize) -> u64 {
    x + at as u64
}

#[test]
fn positions_go_on_after_a_restart() {
    let path = Scratch::new();
    let looped: Vec<_> = (0..300).map(|x| positioned(x, x as usize * 3, 3)).collect();
    let job = || positioned_job(0..300, 3).chunk_size(7);
    let first: Vec<_> = job()
        .journal(&path)
        .unwrap()
        .stream(|results| results.take(100).collect());
    assert_eq!(first, looped[..100]);
    assert_eq!(job().journal(&path).unwrap().collect(), looped);
    let sum = job().journal(&path).unwrap().sum::<u64>();
    assert_eq!(sum, looped.iter().sum());
}
