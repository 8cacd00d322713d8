//! Companions of trait methods, in traits that are used as `dyn`.

use std::sync::Arc;

use parallelize::parallel;

use crate::assert_agree;

trait Shape {
    type Unit: Clone;

    fn side(&self) -> f64;

    #[parallel]
    fn area(&self, scale: f64) -> f64 {
        self.side() * self.side() * scale
    }

    #[parallel]
    fn volume(&self, height: f64, unit: &Self::Unit) -> (f64, Self::Unit);

    #[parallel]
    fn named(name: &str) -> usize
    where
        Self: Sized,
    {
        name.len()
    }
}

struct Square(f64);

impl Shape for Square {
    type Unit = &'static str;

    fn side(&self) -> f64 {
        self.0
    }

    fn volume(&self, height: f64, unit: &Self::Unit) -> (f64, Self::Unit) {
        (self.area(height), *unit)
    }
}

trait Scaled<T> {
    #[parallel]
    fn scaled(&self, by: T) -> T;
}

impl Scaled<f64> for Square {
    fn scaled(&self, by: f64) -> f64 {
        self.0 * by
    }
}

#[test]
fn methods_with_and_without_a_default_body_agree() {
    let square = Square(2.0);
    let xs = || (0..100).map(f64::from);
    assert_agree(
        || xs().map(|x| square.area(x)).collect::<Vec<_>>(),
        || square.area_parallel(xs()),
    );
    assert_agree(
        || xs().map(|x| square.volume(x, &"m")).collect::<Vec<_>>(),
        || square.volume_parallel(xs(), &"m"),
    );
    assert_eq!(Square::named_parallel(["a", "bc"]), [1, 2]);
}

#[test]
fn a_trait_with_companions_is_still_dyn_compatible() {
    let shape: &dyn Shape<Unit = &'static str> = &Square(3.0);
    assert_eq!(shape.area(1.0), 9.0);
}

#[test]
fn a_generic_caller_may_use_the_companion_of_a_trait() {
    fn areas<S: Shape + Sync>(shape: &S) -> Vec<f64> {
        shape.area_parallel([1.0, 2.0])
    }
    assert_eq!(areas(&Square(1.0)), [1.0, 2.0]);
}

#[test]
fn methods_of_a_generic_trait_have_companions() {
    assert_eq!(Square(2.0).scaled_parallel([1.0, 2.0]), [2.0, 4.0]);
}

trait Named {
    fn name(&self, i: usize) -> String {
        format!("base {i}")
    }
}

trait Titled<'a, T: Sync>: Named + Sync {
    #[parallel]
    fn name(&self, i: usize, title: &'a T) -> String
    where
        T: ToString,
    {
        format!("{} {i}", title.to_string())
    }
}

struct Lord;
impl Named for Lord {}
impl<'a, T: Sync> Titled<'a, T> for Lord {}

#[test]
fn a_supertrait_may_have_a_function_of_the_same_name() {
    assert_eq!(
        Titled::name_parallel(&Lord, 0..2, &"lord"),
        ["lord 0", "lord 1"]
    );
    assert_eq!(Named::name(&Lord, 0), "base 0");
}

struct Graph<'a, F> {
    nodes: &'a [F],
}

trait Storage<T> {
    type Key;

    #[parallel]
    fn get(&self, i: usize) -> &T;

    #[parallel]
    fn graph(self: &Arc<Self>, end: usize) -> Option<Graph<'_, T>>;

    #[parallel]
    fn find(key: &Self::Key, storages: &[&'static Self]) -> Option<&'static T>;

    #[parallel]
    fn keyed(i: usize, key: &Self::Key) -> Option<&T>;

    #[parallel(local(count = 0))]
    fn every_other(&self, _i: usize, count: &mut usize) -> Option<&T> {
        *count += 1;
        (*count > usize::MAX / 2).then(|| self.get(*count))
    }
}

impl<T: 'static> Storage<T> for Vec<T> {
    type Key = usize;

    fn get(&self, i: usize) -> &T {
        &self[i]
    }

    fn graph(self: &Arc<Self>, end: usize) -> Option<Graph<'_, T>> {
        self.as_slice().get(..end).map(|nodes| Graph { nodes })
    }

    fn find(key: &usize, storages: &[&'static Self]) -> Option<&'static T> {
        storages
            .iter()
            .find_map(|storage| storage.as_slice().get(*key))
    }

    fn keyed(_i: usize, _key: &usize) -> Option<&T> {
        None
    }
}

#[test]
fn results_may_refer_to_what_a_generic_trait_knows() {
    let words = vec!["a", "bc", "d"];
    assert_agree(
        || [2, 0].map(|i| *words.get(i)).to_vec(),
        || words.get_parallel([2, 0]).into_iter().copied().collect(),
    );
    let graphs = Arc::new(words.clone());
    let graphs = graphs.graph_parallel([2, 4]);
    let lengths = graphs
        .iter()
        .map(|graph| graph.as_ref().map(|graph| graph.nodes.len()));
    assert_eq!(lengths.collect::<Vec<_>>(), [Some(2), None]);
    let storages: [&'static Vec<u8>; 2] = [const { &Vec::new() }; 2];
    assert_eq!(<Vec<u8>>::find_parallel(&[0, 1], &storages), [None, None]);
    assert_eq!(<Vec<u8>>::keyed_parallel([1], &0), [None]);
    assert_eq!(words.every_other_parallel([1]), [None]);
}

struct Registry;

impl Registry {
    #[parallel]
    fn lookup<T>(&self, i: usize) -> Option<&T> {
        let _ = i;
        None
    }
}

#[test]
fn results_may_refer_to_what_only_the_caller_names() {
    assert_eq!(Registry.lookup_job::<u8, _>([1, 2]).collect(), [None, None]);
}
