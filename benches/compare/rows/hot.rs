//! A hot loop: calls in a row, with little work in each.

use super::{Table, cells};
use crate::Bench;
use crate::lap::Pace;

/// Four rounds make 2,000 calls.
pub(crate) const IN_A_ROW: Pace = Pace::Hot { calls: 500 };

pub(crate) const TABLE: Table = Table {
    name: "hot",
    title: "Hot loop: 2,000 calls in each process, one right after the other",
    rows,
};

fn rows(bench: &mut Bench) {
    let cells = cells! {
        20: 250 1_000;
        80: 64;
        800: 8 64;
        2_500: 4 8;
        12_500: 8;
    };
    for cell in cells {
        cell.declare(bench, IN_A_ROW);
    }
}
