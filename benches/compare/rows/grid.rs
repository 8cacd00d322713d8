//! Equal items of several numbers and costs, as long as the loop takes less than half a second.

use super::{Table, cells};
use crate::Bench;
use crate::lap::Pace;

pub(crate) const TABLE: Table = Table {
    name: "grid",
    title: "Grid: equal items, one call after another",
    rows,
};

fn rows(bench: &mut Bench) {
    let cells = cells! {
        1: 1 2 8 64 1_000 10_000 100_000 1_000_000 10_000_000;
        5: 1 2 8 64 1_000 10_000 100_000 1_000_000 10_000_000;
        50: 1 2 8 64 1_000 10_000 100_000 1_000_000;
        500: 1 2 8 64 1_000 10_000 100_000;
        5_000: 1 2 8 64 1_000 10_000;
        500_000: 1 2 8 64;
        50_000_000: 1 2 8;
    };
    for cell in cells {
        cell.declare(bench, Pace::Steady);
    }
}
