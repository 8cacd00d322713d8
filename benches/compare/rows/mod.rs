//! The rows of the tables, one file for each table.

mod cold;
mod contention;
mod grid;
mod hot;
mod inputs;
mod nested;
mod reductions;
mod shapes;
mod short;
mod surprise;
mod waiting;

use crate::Bench;
use crate::allocator::Allocator;
use crate::lap::Pace;
use crate::work::Item;

/// A table, and the function that declares its rows.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    /// The argument that selects the table.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) rows: fn(&mut Bench),
}

/// All tables, in the order in which they are printed.
pub(crate) const TABLES: [Table; 11] = [
    grid::TABLE,
    shapes::TABLE,
    inputs::TABLE,
    reductions::TABLE,
    hot::TABLE,
    cold::TABLE,
    short::TABLE,
    surprise::TABLE,
    contention::TABLE,
    waiting::TABLE,
    nested::TABLE,
];

/// A row, before it is measured.
pub(crate) struct Row {
    /// The row's name. No other row of the table has it.
    pub(crate) name: String,
    /// The number of items.
    pub(crate) len: usize,
    pub(crate) pace: Pace,
    pub(crate) allocator: Allocator,
    /// The number of threads, if it is not that of the cores.
    pub(crate) threads: Option<usize>,
}

impl Row {
    fn new(name: impl Into<String>, len: usize, pace: Pace) -> Self {
        Self {
            name: name.into(),
            len,
            pace,
            allocator: Allocator::System,
            threads: None,
        }
    }
}

/// The companion for the slice of one row.
type Companion = fn(&[Item]) -> Vec<u64>;

/// Declares a row of items that take `nanos(i)` nanoseconds.
fn slice_row(
    bench: &mut Bench,
    name: impl Into<String>,
    pace: Pace,
    len: u32,
    nanos: impl Fn(u32) -> f64,
    ours: Companion,
) {
    bench.row(&Row::new(name, len as usize, pace), |child| {
        let items = child.items(len, nanos);
        let run = |items: &[Item]| child.contender.slice(items, |item| item.work(), ours);
        child.measure(|| &*items, run);
    });
}

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
    fn declare(&self, bench: &mut Bench, pace: Pace) {
        slice_row(
            bench,
            self.name(),
            pace,
            self.len,
            |_| self.nanos,
            self.ours,
        );
    }

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
