//! Several varying arguments in every combination.

/// Every combination of an item of `rows` and an item of `columns`.
#[derive(Clone, Debug)]
pub struct Grid<A: Iterator, B, F> {
    rows: A,
    clone: F,
    columns: B,
    /// The current row, and the columns that are left for it.
    current: Option<(A::Item, B)>,
}

/// Combines two arguments; the second varies faster.
///
/// `clone` clones an item of the first. It is an argument and not a bound, so that the compiler
/// complains where the user wrote the type.
pub fn grid<A, B, F>(rows: A, clone: F, columns: B) -> Grid<A::IntoIter, B::IntoIter, F>
where
    A: IntoIterator,
    B: IntoIterator,
    F: Fn(&A::Item) -> A::Item,
{
    Grid {
        rows: rows.into_iter(),
        clone,
        columns: columns.into_iter(),
        current: None,
    }
}

/// Collects an argument in the middle of a grid, which is iterated over many times.
pub fn axis<I: IntoIterator>(items: I) -> Vec<I::Item> {
    items.into_iter().collect()
}

impl<A, B, F> Iterator for Grid<A, B, F>
where
    A: Iterator,
    B: Iterator + Clone,
    F: Fn(&A::Item) -> A::Item,
{
    type Item = (A::Item, B::Item);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((row, columns)) = &mut self.current {
                if let Some(column) = columns.next() {
                    return Some(((self.clone)(row), column));
                }
            }
            self.current = Some((self.rows.next()?, self.columns.clone()));
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (rows, columns) = (self.rows.size_hint(), self.columns.size_hint());
        let (least, most) = match &self.current {
            Some((_, columns)) => columns.size_hint(),
            None => (0, Some(0)),
        };
        let most = || rows.1?.checked_mul(columns.1?)?.checked_add(most?);
        (
            rows.0.saturating_mul(columns.0).saturating_add(least),
            most(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{axis, grid};

    #[test]
    fn every_combination_once() {
        let mut combinations = grid(
            0..2,
            i32::clone,
            grid(axis("ab".chars()), char::clone, [true, false]),
        );
        let expected: Vec<_> = (0..2)
            .flat_map(|x| {
                "ab".chars()
                    .flat_map(move |y| [(x, (y, true)), (x, (y, false))])
            })
            .collect();
        for (done, combination) in expected.iter().enumerate() {
            let left = expected.len() - done;
            assert_eq!(combinations.size_hint(), (left, Some(left)));
            assert_eq!(combinations.next().as_ref(), Some(combination));
        }
        assert_eq!(combinations.next(), None);
    }

    #[test]
    fn nothing_with_anything_is_nothing() {
        assert_eq!(grid(0..0, i32::clone, 0..3).count(), 0);
        assert_eq!(grid(0..3, i32::clone, 0..0).count(), 0);
    }
}
