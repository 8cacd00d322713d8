//! Equal items of several numbers and costs, as long as the loop takes less than half a second.

use super::cells;
use crate::Bench;
use crate::race::Pace;
use crate::table::Tables;

pub(crate) fn run(bench: &mut Bench) {
    Tables::part("Grid: equal items, one call after another");
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
        let items = bench.calibration.items(cell.len, |_| cell.nanos);
        bench.slice_row("grid", cell.name(), Pace::Steady, &items, cell.ours);
    }
}
