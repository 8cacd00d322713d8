//! Calls after a pause: all threads are asleep when a call begins.

use std::time::Duration;

use super::{Table, cells};
use crate::Bench;
use crate::lap::Pace;

pub(crate) const PAUSE: Pace = Pace::Cold {
    pause: Duration::from_millis(2),
};

pub(crate) const TABLE: Table = Table {
    name: "cold",
    title: "Cold calls: a pause of 2 ms before each",
    rows,
};

fn rows(bench: &mut Bench) {
    let cells = cells! {
        50: 1_000 10_000;
        800: 8 64;
        2_500: 8;
        12_500: 8 64;
        500_000: 4;
    };
    for cell in cells {
        cell.declare(bench, PAUSE);
    }
}
