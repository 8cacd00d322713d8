//! The positions of the results that are there.

use std::ops::Range;

/// Sorted ranges of positions that neither overlap nor touch.
///
/// There are at most as many gaps as chunks under way, so the list is no longer than the team.
#[derive(Debug, Default)]
pub(super) struct Filled(Vec<Range<usize>>);

impl Filled {
    /// Returns whether these positions are filled and no others.
    pub(super) fn is(&self, positions: Range<usize>) -> bool {
        match &*self.0 {
            [] => positions.is_empty(),
            [only] => *only == positions,
            _ => false,
        }
    }

    /// Adds `positions`, none of which is filled yet.
    pub(super) fn insert(&mut self, positions: Range<usize>) {
        if positions.is_empty() {
            return;
        }
        let at = self.0.partition_point(|range| range.end < positions.start);
        let touched = self.0[at..]
            .iter()
            .take_while(|range| range.start <= positions.end)
            .count();
        let merged = self.0[at..at + touched]
            .iter()
            .fold(positions, |merged, range| {
                merged.start.min(range.start)..merged.end.max(range.end)
            });
        self.0.splice(at..at + touched, [merged]);
    }

    /// Returns the ranges.
    pub(super) fn into_ranges(self) -> Vec<Range<usize>> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filled_ranges_merge() {
        let mut filled = Filled::default();
        for positions in [10..20, 30..40, 50..60, 0..0, 45..50, 20..30, 5..10] {
            filled.insert(positions);
        }
        assert_eq!(filled.0, [5..40, 45..60]);
        assert!(!filled.is(0..60));
        filled.insert(0..5);
        filled.insert(40..45);
        assert!(filled.is(0..60) && !filled.is(0..61));
    }
}
