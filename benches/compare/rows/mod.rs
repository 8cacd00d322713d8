//! The rows of the tables, one file for each part.

pub(crate) mod cold;
pub(crate) mod grid;
pub(crate) mod hot;
pub(crate) mod inputs;
pub(crate) mod nested;
pub(crate) mod shapes;

use crate::work::Item;

/// The companion for the slice of one row.
pub(crate) type Companion = fn(&[Item]) -> Vec<u64>;

/// A row of equal items.
struct Cell {
    nanos: f64,
    len: u32,
    ours: Companion,
}

/// Defines a new [`Companion`] at each place of use, so that each row learns the cost of its own
/// items.
macro_rules! companion {
    () => {{
        #[parallelize::parallel]
        fn work(item: &$crate::work::Item) -> u64 {
            item.work()
        }
        |items: &[$crate::work::Item]| work_parallel(items)
    }};
}

/// Makes a [`Cell`] for each number of items behind each cost in nanoseconds.
macro_rules! cells {
    ($($nanos:literal: $($len:literal)+;)+) => {
        [$($($crate::rows::Cell {
            nanos: f64::from($nanos),
            len: $len,
            ours: $crate::rows::companion!(),
        }),+),+]
    };
}

use {cells, companion};

impl Cell {
    fn name(&self) -> String {
        format!("{} x {}", grouped(self.len), time(self.nanos))
    }
}

/// Formats a number as in `1,000,000`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// Formats a time as in `0.5 us`.
fn time(nanos: f64) -> String {
    match nanos {
        0.5e6.. => format!("{} ms", nanos / 1e6),
        0.5e3.. => format!("{} us", nanos / 1e3),
        _ => format!("{nanos} ns"),
    }
}
