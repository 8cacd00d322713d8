//! A hot loop: calls in a row, with little work in each.

use super::cells;
use crate::Bench;
use crate::race::Pace;
use crate::table::Tables;

pub(crate) fn run(bench: &mut Bench) {
    // Ten rounds make 10,000 calls.
    let in_a_row = if bench.quick { 100 } else { 1_000 };
    Tables::part("Hot loop: 10,000 calls, one right after the other");
    let cells = cells! {
        20: 250 1_000;
        80: 64;
        800: 8 64;
        2_500: 4 8;
        12_500: 8;
    };
    for cell in cells {
        let items = bench.calibration.items(cell.len, |_| cell.nanos);
        let pace = Pace::Hot { calls: in_a_row };
        bench.slice_row("hot", cell.name(), pace, &items, cell.ours);
    }
}
