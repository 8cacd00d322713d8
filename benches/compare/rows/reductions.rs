//! One value of all results.

use std::num::Wrapping;
use std::ops::Add;

use parallelize::parallel;

use super::{Row, Table, grouped, time};
use crate::Bench;
use crate::lap::Pace;
use crate::work::Item;

pub(crate) const TABLE: Table = Table {
    name: "reductions",
    title: "Reductions: one value of all results",
    rows,
};

/// Defines a new function at each place of use, so that each row learns the cost of its own items.
macro_rules! job {
    ($items:expr) => {{
        #[parallel]
        fn work(item: &Item) -> Wrapping<u64> {
            Wrapping(item.work())
        }
        work_job($items)
    }};
}

fn rows(bench: &mut Bench) {
    row(bench, "sum", 100_000, 1.0, |items| job!(items).sum());
    row(bench, "sum", 10_000_000, 1.0, |items| job!(items).sum());
    row(bench, "sum", 1_000_000, 5.0, |items| job!(items).sum());
    row(bench, "reduce", 1_000_000, 5.0, |items| {
        job!(items).reduce(Add::add).unwrap_or_default()
    });
    row(bench, "fold", 1_000_000, 5.0, |items| {
        job!(items).fold(Wrapping::default, Add::add, Add::add)
    });
    row(bench, "fold", 100_000, 50.0, |items| {
        job!(items).fold(Wrapping::default, Add::add, Add::add)
    });
}

/// Declares a row of `len` items that cost `nanos` nanoseconds each.
fn row(bench: &mut Bench, what: &str, len: u32, nanos: f64, ours: fn(&[Item]) -> Wrapping<u64>) {
    let name = format!("{what} of {} x {}", grouped(len), time(nanos));
    let row = Row::new(name, len as usize, Pace::Steady);
    bench.row(&row, |child| {
        let items = child.items(len, |_| nanos);
        let work = |item: &Item| Wrapping(item.work());
        child.measure(
            || &*items,
            |items| vec![child.contender.sum(items, work, ours)],
        );
    });
}
