//! Calls after a pause: all threads are asleep when a call begins.

use std::time::Duration;

use super::cells;
use crate::Bench;
use crate::race::Pace;
use crate::table::Tables;

pub(crate) fn run(bench: &mut Bench) {
    Tables::part("Cold calls: a pause of 2 ms before each");
    let cells = cells! {
        50: 1_000 10_000;
        800: 8 64;
        2_500: 8;
        12_500: 8 64;
        500_000: 4;
    };
    let pace = Pace::Cold {
        pause: Duration::from_millis(2),
    };
    for cell in cells {
        let items = bench.calibration.items(cell.len, |_| cell.nanos);
        bench.slice_row("cold", cell.name(), pace, &items, cell.ours);
    }
}
