//! The rows of the tables, a file for each part.

pub(crate) mod cold;
pub(crate) mod grid;
pub(crate) mod hot;
pub(crate) mod inputs;
pub(crate) mod nested;
pub(crate) mod shapes;

use crate::work::Item;

/// Ours for the slice of one row.
pub(crate) type Companion = fn(&[Item]) -> Vec<u64>;

/// A row of equal items, before it is run.
struct Cell {
    nanos: f64,
    len: u32,
    ours: Companion,
}

/// A [`Companion`] of its own for each place that says this, so that what it remembers about the
/// cost of an item was learned in that row.
macro_rules! companion {
    () => {{
        #[parallelize::parallel]
        fn work(item: &$crate::work::Item) -> u64 {
            item.work()
        }
        |items: &[$crate::work::Item]| work_parallel(items)
    }};
}

/// A [`Cell`] for each number of items behind each cost in nanoseconds.
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

/// `1,000,000`
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// `0.5 us`
fn time(nanos: f64) -> String {
    match nanos {
        0.5e6.. => format!("{} ms", nanos / 1e6),
        0.5e3.. => format!("{} us", nanos / 1e3),
        _ => format!("{nanos} ns"),
    }
}
