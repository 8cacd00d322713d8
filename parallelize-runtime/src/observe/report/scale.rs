//! The scale of a time axis: its unit, and the round times that are marked.

use std::time::Duration;

/// Bounds the number of marks, not counting the one at zero.
const MARKS: u8 = 8;

/// The scale of a time axis that begins at zero.
pub(super) struct Scale {
    pub(super) unit: &'static str,
    /// The length of the axis, in units.
    pub(super) length: f64,
    /// The distance between two marks, in units.
    step: f64,
    /// How many decimals the marks have.
    pub(super) decimals: usize,
}

impl Scale {
    /// Returns the scale of an axis as long as `wall`.
    pub(super) fn of(wall: Duration) -> Self {
        let (unit, nanos) = unit(wall);
        let length = wall.as_secs_f64() * 1e9 / nanos;
        let (step, decimals) = step(length);
        Self {
            unit,
            length,
            step,
            decimals,
        }
    }

    /// Returns the marks on the axis, in units.
    pub(super) fn marks(&self) -> impl Iterator<Item = f64> {
        let marks = (0..=MARKS).map(|mark| f64::from(mark) * self.step);
        marks.take_while(|mark| *mark <= self.length)
    }
}

/// Returns the unit for times up to `wall`, and its nanoseconds.
fn unit(wall: Duration) -> (&'static str, f64) {
    match wall.as_nanos() {
        ..1_000 => ("ns", 1.0),
        1_000..1_000_000 => ("µs", 1e3),
        1_000_000..1_000_000_000 => ("ms", 1e6),
        1_000_000_000..120_000_000_000 => ("s", 1e9),
        120_000_000_000..7_200_000_000_000 => ("min", 60e9),
        _ => ("h", 3_600e9),
    }
}

/// Returns the least round number that fits at most [`MARKS`] times in `length`, and its decimals.
fn step(length: f64) -> (f64, usize) {
    // Most units have a length from one to a thousand.
    const ROUND: [f64; 10] = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
    let least = length / f64::from(MARKS);
    let step = ROUND.into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(least);
    (step, usize::from(step < 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round() {
        let lengths = [1.0, 1.7, 8.0, 8.1, 40.0, 119.0, 999.0, 1_601.0];
        let round = [0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 200.0, 1_601.0 / 8.0];
        for (length, expected) in lengths.into_iter().zip(round) {
            let (step, decimals) = step(length);
            assert!((step - expected).abs() < 1e-9, "{step} for {length}");
            assert_eq!(decimals, usize::from(step < 1.0));
        }
    }

    #[test]
    fn a_unit_is_the_largest_that_fits() {
        let units = [
            (1, "ns"),
            (999, "ns"),
            (1_000, "µs"),
            (999_999_999, "ms"),
            (119_000_000_000, "s"),
            (120_000_000_000, "min"),
            (7_200_000_000_000, "h"),
        ];
        for (nanos, expected) in units {
            assert_eq!(unit(Duration::from_nanos(nanos)).0, expected);
        }
    }
}
