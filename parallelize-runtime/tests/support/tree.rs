//! The order in which a job combines its results, as trees that tell their shape.

use std::fmt::Write;
use std::ops::Deref;
use std::sync::atomic::AtomicUsize;

use super::counted::Counted;

/// The number of results in a leaf.
const LEAF: usize = 64;

/// An accumulator that tells its shape: `((1 2 3)+(4))` for two leaves. It is counted.
pub(crate) struct Tree<L: Deref<Target = AtomicUsize>>(String, Counted<L>);

impl<L: Deref<Target = AtomicUsize>> Tree<L> {
    pub(crate) fn shape(self) -> String {
        self.0
    }
}

/// Returns the three functions of a fold. The results are counted, too.
#[expect(clippy::type_complexity, reason = "each function has its own type")]
pub(crate) fn folds<'l>(
    live: &'l AtomicUsize,
) -> (
    impl Fn() -> Tree<&'l AtomicUsize> + Sync,
    impl Fn(Tree<&'l AtomicUsize>, Counted<&'l AtomicUsize>) -> Tree<&'l AtomicUsize> + Sync,
    impl Fn(Tree<&'l AtomicUsize>, Tree<&'l AtomicUsize>) -> Tree<&'l AtomicUsize> + Sync,
) {
    (
        || Tree(String::new(), Counted::new(0, live)),
        |mut tree, result| {
            let space = if tree.0.is_empty() { "" } else { " " };
            write!(tree.0, "{space}{}", result.0).unwrap();
            tree
        },
        |left, right| Tree(format!("({}+{})", left.0, right.0), left.1),
    )
}

/// Returns the shape that the accumulator of these `results` must have.
pub(crate) fn expected(results: &[usize]) -> String {
    if results.len() <= LEAF {
        let words: Vec<String> = results.iter().map(usize::to_string).collect();
        return words.join(" ");
    }
    // The left part is the largest power of two of leaves that leaves something for the right one.
    let leaves = results.len().div_ceil(LEAF);
    let left = leaves.next_power_of_two() / 2 * LEAF;
    let (left, right) = results.split_at(left);
    format!("({}+{})", expected(left), expected(right))
}
