//! Dear calls after thousands of cheap ones: what a function has cost so far is wrong.

use std::hint::black_box;

use super::{Companion, Row, Table, companion, time};
use crate::Bench;
use crate::lap::Pace;
use crate::work::Item;

pub(crate) const TABLE: Table = Table {
    name: "surprise",
    title: "Surprise: a dear call after 3,000 calls of 3 x 5 ns, which are not timed",
    rows,
};

fn rows(bench: &mut Bench) {
    row(bench, 16, 27e3, companion!());
    row(bench, 4, 30e6, companion!());
}

fn row(bench: &mut Bench, len: u32, nanos: f64, ours: Companion) {
    let name = format!("{len} x {}", time(nanos));
    let pace = Pace::Fresh {
        before: 0,
        calls: 1,
    };
    bench.row(&Row::new(name, len as usize, pace), |child| {
        let cheap = child.items(3, |_| 5.0);
        let dear = child.items(len, |_| nanos);
        let run = |items: &[Item]| child.contender.slice(items, |item| item.work(), ours);
        let after_cheap_calls = || {
            for _ in 0..3_000 {
                black_box(run(black_box(&cheap)));
            }
            &*dear
        };
        child.measure(after_cheap_calls, run);
    });
}
