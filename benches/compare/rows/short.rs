//! Short calls: what a call costs beside its items.

use super::{Table, cold, companion, hot, slice_row};
use crate::Bench;
use crate::lap::Pace;

pub(crate) const TABLE: Table = Table {
    name: "short",
    title: "Short calls",
    rows,
};

fn rows(bench: &mut Bench) {
    let tenth = Pace::Fresh {
        before: 9,
        calls: 100,
    };
    let name = "3 x 5 ns, from the tenth call on";
    slice_row(bench, name, tenth, 3, |_| 5.0, companion!());
    let later = Pace::Fresh {
        before: 10_000,
        calls: 1_000,
    };
    let name = "3 x 5 ns, after 10,000 calls";
    slice_row(bench, name, later, 3, |_| 5.0, companion!());
    let name = "2,000 x 13 ns, in a hot loop";
    slice_row(bench, name, hot::IN_A_ROW, 2_000, |_| 13.0, companion!());
    let name = "64 x 1.4 us, after a pause of 2 ms";
    slice_row(bench, name, cold::PAUSE, 64, |_| 1_400.0, companion!());
}
