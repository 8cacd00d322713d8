//! The sink of a reduction: a tree to which each chunk adds its part.
//!
//! A chunk may begin and end anywhere. Its whole leaves are combined as far as they belong
//! together. The results before its first leaf wait for those of earlier chunks, with which they
//! share a leaf. Of two parts that belong together, the later one takes the earlier one out of the
//! tree, and combines both outside of the lock. So no thread waits for the functions of the user.

use std::collections::BTreeMap;
use std::mem;
use std::panic::{self, AssertUnwindSafe};

use super::collect::Shareable;
use super::reduction::Reduction;
use super::subtrees::{LEAF, Subtree, Subtrees, sibling};
use crate::call::{AtMost, ChunkSink, Claim, Gathered, Sink};
use crate::outcome::{Payload, discard};
use crate::schedule::Policy;
use crate::sync::{AtomicUsize, Mutex, Ordering, lock};

/// What the first results have become, by a reduction `F`.
pub(crate) struct Tree<'r, R, F: Reduction<R>> {
    reduction: &'r F,
    subtrees: Subtrees<F::Accumulator>,
}

impl<'r, R, F: Reduction<R>> Tree<'r, R, F> {
    pub(crate) fn new(reduction: &'r F) -> Self {
        Self {
            reduction,
            subtrees: Subtrees::new(0),
        }
    }

    /// Returns what all results have become, or `None` if there are none.
    pub(crate) fn finish(self) -> Option<F::Accumulator> {
        self.subtrees.finish(self.reduction)
    }
}

impl<R, F: Reduction<R>> Gathered for Tree<'_, R, F> {
    type Value = R;

    #[inline]
    fn len(&self) -> usize {
        self.subtrees.end()
    }

    #[inline]
    fn push(&mut self, result: R) {
        self.subtrees.push(self.reduction, result);
    }

    #[inline]
    fn block_len(&self) -> usize {
        LEAF - self.subtrees.end() % LEAF
    }

    #[inline]
    fn extend(&mut self, results: impl Iterator<Item = R>) {
        self.subtrees.extend(self.reduction, results);
    }

    #[inline]
    fn extend_block(&mut self, results: AtMost<impl Iterator<Item = R>>) {
        debug_assert!(
            results.len() <= self.block_len(),
            "they end behind the leaf"
        );
        let results = results.into_inner();
        self.subtrees.extend_leaf(self.reduction, results);
    }
}

impl<'r, R: Send, F: Reduction<R>> Shareable for Tree<'r, R, F> {
    type Sink = SharedTree<'r, R, F>;

    fn begin(&mut self, _len: usize) {}

    fn reserve(&mut self, _further: usize) {}

    fn take(&mut self) -> Self {
        mem::replace(self, Self::new(self.reduction))
    }

    fn into_sink(mut self) -> SharedTree<'r, R, F> {
        let parts = self.subtrees.take_parts();
        SharedTree {
            reduction: self.reduction,
            claimed: AtomicUsize::new(self.subtrees.end()),
            parts: Mutex::new(parts.map(|(at, part)| (at, Part::Tree(part))).collect()),
        }
    }

    fn from_sink(sink: SharedTree<'r, R, F>, len: usize) -> Self {
        let mut tree = Self::new(sink.reduction);
        for (position, part) in mem::take(&mut *lock(&sink.parts)) {
            let Part::Tree(part) = part else {
                unreachable!("the results before these are missing");
            };
            assert_eq!(position, tree.subtrees.end(), "a result is missing");
            tree.subtrees.append(part);
        }
        assert_eq!(len, tree.subtrees.end(), "a result is missing");
        tree
    }
}

/// What results have become so far, of all threads.
pub(crate) struct SharedTree<'r, R, F: Reduction<R>> {
    reduction: &'r F,
    /// The position behind the last item that was claimed.
    claimed: AtomicUsize,
    /// The parts by the position of their first result. Those that belong together are combined, so
    /// there are some for each chunk that is under way.
    parts: Mutex<BTreeMap<usize, Part<R, F::Accumulator>>>,
}

/// What some consecutive results have become.
enum Part<R, A> {
    /// A subtree, or the beginning of a leaf.
    Tree(Subtree<A>),
    /// Results within a leaf. Those before them in the leaf are missing.
    Rest(Vec<R>),
}

impl<R, A> Part<R, A> {
    /// Drops what a call that failed has computed, and ignores panics of that.
    fn discard(self) {
        match self {
            Self::Tree(Subtree { value, .. }) => discard(value),
            Self::Rest(results) => results.into_iter().for_each(discard),
        }
    }
}

impl<R, F: Reduction<R>> SharedTree<'_, R, F> {
    /// Adds a `part`, and combines it with those that it belongs to. If that panics, returns the
    /// position to which the panic belongs.
    fn add(
        &self,
        mut position: usize,
        mut part: Part<R, F::Accumulator>,
    ) -> Result<(), (usize, Payload)> {
        loop {
            let mut parts = lock(&self.parts);
            let Some(other) = counterpart(&parts, position, &part) else {
                parts.insert(position, part);
                return Ok(());
            };
            let other_part = parts.remove(&other).expect("it is there");
            drop(parts);
            let (left, right) = if other < position {
                (other_part, part)
            } else {
                (part, other_part)
            };
            position = position.min(other);
            part = Part::Tree(self.combined(position, left, right)?);
        }
    }

    /// Combines two parts, the first of which begins at `position`.
    fn combined(
        &self,
        position: usize,
        left: Part<R, F::Accumulator>,
        right: Part<R, F::Accumulator>,
    ) -> Result<Subtree<F::Accumulator>, (usize, Payload)> {
        let Part::Tree(Subtree { mut len, value }) = left else {
            unreachable!("results follow the beginning of their leaf");
        };
        let value = match right {
            Part::Tree(right) => {
                len += right.len;
                let combine = || self.reduction.combine(value, right.value);
                caught(combine).map_err(|payload| (position + len - 1, payload))
            }
            Part::Rest(results) => {
                let mut results = results.into_iter();
                let fold = || {
                    results.by_ref().fold(value, |value, result| {
                        let value = self.reduction.fold(value, result);
                        len += 1;
                        value
                    })
                };
                let folded = caught(fold);
                results.for_each(discard);
                folded.map_err(|payload| (position + len, payload))
            }
        };
        debug_assert!(
            value.is_err() || len <= LEAF || position % len == 0,
            "no subtree"
        );
        value.map(|value| Subtree { len, value })
    }
}

/// Runs a function of the user. After a panic, nothing is left of what it had.
fn caught<T>(function: impl FnOnce() -> T) -> Result<T, Payload> {
    panic::catch_unwind(AssertUnwindSafe(function))
}

/// Returns the position of the part that the one at `position` belongs to, if that is there.
fn counterpart<R, A>(
    parts: &BTreeMap<usize, Part<R, A>>,
    position: usize,
    part: &Part<R, A>,
) -> Option<usize> {
    match part {
        Part::Tree(Subtree { len, .. }) if len % LEAF == 0 => {
            let other = sibling(position, *len);
            let is_alike =
                |other: &Part<R, A>| matches!(other, Part::Tree(other) if other.len == *len);
            parts.get(&other).is_some_and(is_alike).then_some(other)
        }
        Part::Tree(Subtree { len, .. }) => {
            let behind = position + len;
            parts.contains_key(&behind).then_some(behind)
        }
        Part::Rest(_) => {
            let (other, before) = parts.range(..position).next_back()?;
            let is_before = matches!(before, Part::Tree(before) if other + before.len == position);
            is_before.then_some(*other)
        }
    }
}

impl<R, F: Reduction<R>> Drop for SharedTree<'_, R, F> {
    /// Discards what a call that failed has computed.
    fn drop(&mut self) {
        let parts = mem::take(&mut *lock(&self.parts));
        parts.into_values().for_each(Part::discard);
    }
}

impl<'r, R: Send, F: Reduction<R>> Sink for SharedTree<'r, R, F> {
    type Value = R;
    type Gathered = Tree<'r, R, F>;

    type ChunkSink<'s>
        = ChunkTree<'s, 'r, R, F>
    where
        Self: 's;

    fn chunk_started(&self, len: usize) {
        self.claimed.fetch_add(len, Ordering::Relaxed);
    }

    fn chunk_sink(&self, claim: Claim) -> ChunkTree<'_, 'r, R, F> {
        let first_leaf = claim.start().next_multiple_of(LEAF);
        ChunkTree {
            tree: self,
            start: claim.start(),
            rest: Vec::with_capacity(claim.len().min(first_leaf - claim.start())),
            rest_len: 0,
            subtrees: Subtrees::new(first_leaf),
        }
    }

    /// Lets long chunks end with a leaf, so that few results have to wait, and longer ones with a
    /// subtree of some size, so that a chunk makes few subtrees.
    fn allowed_len(&self, len: usize, policy: &Policy) -> usize {
        if len < LEAF || policy.has_fixed_len() {
            return len;
        }
        // Relaxed: it grows only under the lock of the source, which this thread holds.
        let end = self.claimed.load(Ordering::Relaxed).saturating_add(len);
        let subtree = LEAF.max(1 << (len / 16).max(1).ilog2());
        len - end % subtree
    }
}

/// What the results of one chunk have become.
pub(crate) struct ChunkTree<'s, 'r, R, F: Reduction<R>> {
    tree: &'s SharedTree<'r, R, F>,
    start: usize,
    /// The results before the first leaf that begins in this chunk, until they are handed over.
    rest: Vec<R>,
    rest_len: usize,
    subtrees: Subtrees<F::Accumulator>,
}

impl<R, F: Reduction<R>> ChunkSink for ChunkTree<'_, '_, R, F> {
    type Value = R;

    #[inline]
    fn position(&self) -> usize {
        if self.rest_len < self.subtrees.first() - self.start {
            self.start + self.rest_len
        } else {
            self.subtrees.end()
        }
    }

    #[inline]
    fn push(&mut self, result: R) {
        if self.rest_len < self.subtrees.first() - self.start {
            self.rest.push(result);
            self.rest_len += 1;
        } else {
            self.subtrees.push(self.tree.reduction, result);
        }
    }

    #[inline]
    fn block_len(&self) -> usize {
        LEAF - self.position() % LEAF
    }

    #[inline]
    fn extend(&mut self, results: AtMost<impl Iterator<Item = R>>) {
        if results.len() <= self.block_len() && self.position() >= self.subtrees.first() {
            return self
                .subtrees
                .extend_leaf(self.tree.reduction, results.into_inner());
        }
        let mut results = results.into_inner();
        while self.position() < self.subtrees.first() {
            let Some(result) = results.next() else {
                return;
            };
            self.push(result);
        }
        self.subtrees.extend(self.tree.reduction, results);
    }

    #[cfg(feature = "cluster")]
    fn push_sum(&mut self, sum: R) {
        // The sum of one number is this number.
        let leaf = self.tree.reduction.begin(sum);
        self.subtrees.push_leaf(self.tree.reduction, leaf);
    }

    fn finish(&mut self) -> Result<(), (usize, Payload)> {
        let rest = mem::take(&mut self.rest);
        let rest = (!rest.is_empty()).then_some((self.start, Part::Rest(rest)));
        let trees = self.subtrees.take_parts();
        let trees = trees.map(|(position, tree)| (position, Part::Tree(tree)));
        let mut ended = Ok(());
        for (position, part) in rest.into_iter().chain(trees) {
            if ended.is_ok() {
                ended = self.tree.add(position, part);
            } else {
                part.discard();
            }
        }
        ended
    }
}

impl<R, F: Reduction<R>> Drop for ChunkTree<'_, '_, R, F> {
    /// Discards the results of a chunk that failed.
    fn drop(&mut self) {
        mem::take(&mut self.rest).into_iter().for_each(discard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Source;
    use crate::engine::reduction::Reduce;
    use crate::schedule::Slices;

    type Pair = fn(String, String) -> String;

    /// Tells the order: `(0+1)`.
    fn pair() -> Reduce<Pair> {
        Reduce(|left, right| format!("({left}+{right})"))
    }

    /// Pushes the results of a chunk, which are their positions.
    fn evaluate(tree: &SharedTree<'_, String, Reduce<Pair>>, claim: Claim) {
        let positions = claim.start()..claim.end();
        let mut sink = tree.chunk_sink(claim);
        positions.for_each(|i| sink.push(i.to_string()));
        assert!(sink.finish().is_ok());
    }

    /// Returns consecutive claims to `len` positions.
    fn claims(lens: impl IntoIterator<Item = usize>) -> Vec<Claim> {
        let mut source = Source::new(0.., 0, Slices::UNKNOWN);
        let pull = |len| source.pull(|_| len, &mut Vec::new()).0;
        lens.into_iter().map(pull).collect()
    }

    fn reduced_by_one(reduction: &Reduce<Pair>, len: usize) -> Option<String> {
        let mut tree = Tree::new(reduction);
        (0..len).for_each(|i| tree.push(i.to_string()));
        tree.finish()
    }

    #[cfg(not(loom))]
    #[test]
    fn chunks_of_any_length_in_any_order_make_the_same_tree() {
        let reduction = pair();
        for lens in [
            vec![1; 200],
            vec![63, 1, 64, 65],
            vec![1_000, 7],
            vec![10; 40],
        ] {
            let len = lens.iter().sum();
            let expected = reduced_by_one(&reduction, len);
            for begins in 0..3 {
                let tree = Tree::new(&reduction).into_sink();
                let mut claims = claims(lens.clone());
                let begins = begins * claims.len() / 3;
                claims.rotate_left(begins);
                claims
                    .into_iter()
                    .rev()
                    .for_each(|claim| evaluate(&tree, claim));
                assert_eq!(Tree::from_sink(tree, len).finish(), expected);
            }
        }
    }

    #[cfg(not(loom))]
    #[test]
    fn few_parts_wait_for_one_that_is_missing() {
        let reduction = pair();
        let tree = Tree::new(&reduction).into_sink();
        let mut claims = claims([10; 410]);
        let missing = claims.remove(100);
        for claim in claims {
            evaluate(&tree, claim);
            let parts = lock(&tree.parts).len();
            assert!(parts < 30, "{parts} parts");
        }
        evaluate(&tree, missing);
        assert_eq!(lock(&tree.parts).len(), 2);
    }

    /// Two chunks share a leaf, and together they make two whole ones. Whichever ends last takes
    /// the other's part.
    #[cfg(loom)]
    #[test]
    fn loom_two_chunks_share_a_leaf() {
        loom::model(|| {
            let reduction: &'static Reduce<Pair> = Box::leak(Box::new(pair()));
            let tree = loom::sync::Arc::new(Tree::new(reduction).into_sink());
            let threads = claims([40, 88]).into_iter().map(|claim| {
                let tree = loom::sync::Arc::clone(&tree);
                loom::thread::spawn(move || evaluate(&tree, claim))
            });
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
            let tree = loom::sync::Arc::try_unwrap(tree)
                .ok()
                .expect("the threads have left");
            let reduced = Tree::from_sink(tree, 128).finish();
            assert_eq!(reduced, reduced_by_one(reduction, 128));
        });
    }
}
