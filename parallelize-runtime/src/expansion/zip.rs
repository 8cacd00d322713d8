//! Several varying arguments that vary together.

/// The items of two arguments, pair by pair. Both arguments must have the same number of items.
#[derive(Clone, Debug)]
pub struct Zip<A, B> {
    left: A,
    right: B,
    names: [&'static str; 2],
    /// The number of pairs so far.
    pairs: usize,
}

/// Pairs up the items of two arguments, each given with its name.
///
/// # Panics
///
/// Panics if both lengths are known and differ. Otherwise the iterator panics as soon as one of the
/// two ends before the other.
#[track_caller]
pub fn zip<A: IntoIterator, B: IntoIterator>(
    (left, left_name): (A, &'static str),
    (right, right_name): (B, &'static str),
) -> Zip<A::IntoIter, B::IntoIter> {
    let (left, right) = (left.into_iter(), right.into_iter());
    if let (Some(lefts), Some(rights)) = (known_length(&left), known_length(&right)) {
        assert!(
            lefts == rights,
            "`{left_name}` has {lefts} items and `{right_name}` has {rights}"
        );
    }
    Zip {
        left,
        right,
        names: [left_name, right_name],
        pairs: 0,
    }
}

fn known_length(items: &impl Iterator) -> Option<usize> {
    let (least, most) = items.size_hint();
    most.filter(|most| *most == least)
}

impl<A: Iterator, B: Iterator> Iterator for Zip<A, B> {
    type Item = (A::Item, B::Item);

    fn next(&mut self) -> Option<Self::Item> {
        let Self {
            pairs,
            names: [left, right],
            ..
        } = *self;
        match (self.left.next(), self.right.next()) {
            (Some(left), Some(right)) => {
                self.pairs += 1;
                Some((left, right))
            }
            (None, None) => None,
            (Some(_), None) => panic!("`{right}` has {pairs} items and `{left}` has more"),
            (None, Some(_)) => panic!("`{left}` has {pairs} items and `{right}` has more"),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (left, right) = (self.left.size_hint(), self.right.size_hint());
        let most = match (left.1, right.1) {
            (Some(left), Some(right)) => Some(left.min(right)),
            (left, right) => left.or(right),
        };
        (left.0.min(right.0), most)
    }
}

#[cfg(test)]
mod tests {
    use super::zip;

    #[test]
    fn pairs() {
        let pairs = zip((0..3, "a"), ("xyz".chars(), "b"));
        assert_eq!(pairs.size_hint(), (1, Some(3)));
        assert_eq!(pairs.collect::<Vec<_>>(), [(0, 'x'), (1, 'y'), (2, 'z')]);
    }

    #[test]
    #[should_panic = "`a` has 3 items and `b` has 4"]
    fn known_lengths_differ() {
        zip((0..3, "a"), (0..4, "b"));
    }

    #[test]
    #[should_panic = "`b` has 3 items and `a` has more"]
    fn one_ends_first() {
        zip((0.., "a"), (0..3, "b")).for_each(drop);
    }

    #[test]
    #[should_panic = "`a` has 1 items and `b` has more"]
    fn the_other_ends_first() {
        zip(("x".chars(), "a"), (0.., "b")).for_each(drop);
    }
}
