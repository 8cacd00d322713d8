//! The order in which results are combined: a tree over their positions.
//!
//! A leaf is made of [`LEAF`] consecutive positions, from left to right. Whole leaves are combined
//! pairwise, and so are what they yield. So the order depends on the positions alone, and not on
//! the threads. At the end, what is left is combined from right to left, the smallest first.

use std::mem;

use super::reduction::Reduction;
use crate::outcome::discard;
pub(super) use crate::work::LEAF;

/// What consecutive results have become.
pub(super) struct Subtrees<A> {
    /// The position of the first result. A leaf begins there.
    first: usize,
    /// The position behind the last result.
    end: usize,
    /// From left to right.
    whole: Vec<Subtree<A>>,
    /// The leaf at the end, if it is not whole.
    leaf: Option<A>,
}

/// Folds the next results, as many as a leaf has, and adds their number to `end`. Returns `None` if
/// there are none.
// Not inline: among the states around it, the compiler would keep the accumulator in memory.
#[inline(never)]
fn fold_leaf<R, F: Reduction<R>>(
    reduction: &F,
    results: &mut impl Iterator<Item = R>,
    end: &mut usize,
) -> Option<F::Accumulator> {
    let mut leaf = reduction.begin(results.next()?);
    let mut end = CountOnDrop {
        count: 1,
        total: end,
    };
    while end.count < LEAF {
        let Some(result) = results.next() else {
            break;
        };
        leaf = reduction.fold(leaf, result);
        end.count += 1;
    }
    Some(leaf)
}

/// Adds a count to a total when it is dropped, also by a panic. Until then, the count can live in a
/// register.
struct CountOnDrop<'t> {
    count: usize,
    total: &'t mut usize,
}

impl Drop for CountOnDrop<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.total += self.count;
    }
}

/// A whole leaf, or what whole leaves have become.
pub(super) struct Subtree<A> {
    /// The number of its results.
    pub(super) len: usize,
    pub(super) value: A,
}

impl<A> Subtrees<A> {
    /// Makes what no results have become, where a leaf begins at `first`.
    pub(super) fn new(first: usize) -> Self {
        debug_assert_eq!(first % LEAF, 0, "no leaf begins here");
        Self {
            first,
            end: first,
            whole: Vec::new(),
            leaf: None,
        }
    }

    /// Returns the position of the first result.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// Returns the position behind the last result.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// Adds the next result.
    #[inline]
    pub(super) fn push<R>(&mut self, reduction: &impl Reduction<R, Accumulator = A>, result: R) {
        let leaf = match self.leaf.take() {
            Some(leaf) => reduction.fold(leaf, result),
            None => reduction.begin(result),
        };
        self.end += 1;
        self.set_leaf(reduction, leaf);
    }

    /// Adds the next results.
    #[inline]
    pub(super) fn extend<R>(
        &mut self,
        reduction: &impl Reduction<R, Accumulator = A>,
        mut results: impl Iterator<Item = R>,
    ) {
        while self.leaf.is_some() {
            let Some(result) = results.next() else {
                return;
            };
            self.push(reduction, result);
        }
        // The iterator may not be called again after its end.
        while self.leaf.is_none() {
            let Some(leaf) = fold_leaf(reduction, &mut results, &mut self.end) else {
                return;
            };
            self.set_leaf(reduction, leaf);
        }
    }

    /// Adds the next results, no more than the leaf at the end lacks.
    #[inline]
    pub(super) fn extend_leaf<R>(
        &mut self,
        reduction: &impl Reduction<R, Accumulator = A>,
        mut results: impl Iterator<Item = R>,
    ) {
        let mut end = CountOnDrop {
            count: 0,
            total: &mut self.end,
        };
        let leaf = match self.leaf.take() {
            Some(leaf) => leaf,
            None => match results.next() {
                Some(first) => {
                    let leaf = reduction.begin(first);
                    end.count = 1;
                    leaf
                }
                None => return,
            },
        };
        let leaf = results.fold(leaf, |leaf, result| {
            let leaf = reduction.fold(leaf, result);
            end.count += 1;
            leaf
        });
        drop(end);
        self.set_leaf(reduction, leaf);
    }

    /// Adds what the next results have become, which are a whole leaf.
    #[cfg(feature = "cluster")]
    pub(super) fn push_leaf<R>(&mut self, reduction: &impl Reduction<R, Accumulator = A>, leaf: A) {
        assert!(self.end % LEAF == 0, "no leaf begins here");
        self.end += LEAF;
        self.set_leaf(reduction, leaf);
    }

    /// Sets the leaf at the end, which may be whole now.
    #[inline]
    fn set_leaf<R>(&mut self, reduction: &impl Reduction<R, Accumulator = A>, leaf: A) {
        if self.end % LEAF == 0 {
            // Until the last result has been combined, it does not count: a panic belongs to it.
            self.end -= 1;
            self.add(reduction, leaf);
            self.end += 1;
        } else {
            self.leaf = Some(leaf);
        }
    }

    /// Adds a whole `leaf`, the last result of which does not count yet, and combines what has
    /// become whole.
    fn add<R>(&mut self, reduction: &impl Reduction<R, Accumulator = A>, leaf: A) {
        let mut added = Subtree {
            len: LEAF,
            value: leaf,
        };
        while let Some(left) = self.whole.pop() {
            let position = self.end + 1 - added.len;
            if left.len != added.len || sibling(position, added.len) > position {
                self.whole.push(left);
                break;
            }
            added = Subtree {
                len: 2 * added.len,
                value: reduction.combine(left.value, added.value),
            };
        }
        self.whole.push(added);
    }

    /// Appends what the next results have become: a subtree that is whole, or else a leaf.
    pub(super) fn append(&mut self, part: Subtree<A>) {
        self.end += part.len;
        if part.len % LEAF == 0 {
            self.whole.push(part);
        } else {
            self.leaf = Some(part.value);
        }
    }

    /// Takes all parts apart. Each comes with its position.
    pub(super) fn take_parts(&mut self) -> impl Iterator<Item = (usize, Subtree<A>)> + use<A> {
        let mut at = self.first;
        let leaf = self.leaf.take().map(|value| Subtree {
            len: self.end % LEAF,
            value,
        });
        let parts = mem::take(&mut self.whole).into_iter().chain(leaf);
        parts.map(move |part| {
            let first = at;
            at += part.len;
            (first, part)
        })
    }

    /// Combines what is left. Returns `None` if there were no results.
    pub(super) fn finish<R>(mut self, reduction: &impl Reduction<R, Accumulator = A>) -> Option<A> {
        let mut right = self.leaf.take();
        while let Some(Subtree { value: left, .. }) = self.whole.pop() {
            right = Some(match right {
                Some(right) => reduction.combine(left, right),
                None => left,
            });
        }
        right
    }
}

impl<A> Drop for Subtrees<A> {
    /// Discards what a call that failed has computed.
    fn drop(&mut self) {
        if mem::needs_drop::<A>() {
            self.leaf.take().into_iter().for_each(discard);
            self.whole.drain(..).for_each(|part| discard(part.value));
        }
    }
}

/// Returns the position of the subtree with which the one at `position` is combined. Both have
/// `len` results.
pub(super) fn sibling(position: usize, len: usize) -> usize {
    position ^ len
}
