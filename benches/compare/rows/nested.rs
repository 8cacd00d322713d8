//! Calls inside calls.

use super::grouped;
use crate::Bench;
use crate::contenders::Contender;
use crate::race::{Pace, race};
use crate::table::Tables;
use crate::work::Item;

/// What the items of the outer call are: the numbers of items of the inner ones, and what each of
/// these costs.
struct Nest {
    name: String,
    inner: Vec<u32>,
    nanos: f64,
    ours: fn(&[Vec<Item>]) -> Vec<u64>,
}

/// An outer companion that calls an inner one, as in `companion!`.
macro_rules! nested_companion {
    () => {{
        #[parallelize::parallel]
        fn work(item: &Item) -> u64 {
            item.work()
        }
        #[parallelize::parallel]
        fn outer(inner: &Vec<Item>) -> u64 {
            sum(&work_parallel(inner))
        }
        |outer: &[Vec<Item>]| outer_parallel(outer)
    }};
}

fn nests() -> [Nest; 4] {
    macro_rules! even {
        ($outer:literal, $inner:literal, $nanos:literal) => {
            Nest {
                name: format!(
                    "{} calls of {} x {}",
                    $outer,
                    grouped($inner),
                    super::time($nanos)
                ),
                inner: vec![$inner; $outer],
                nanos: $nanos,
                ours: nested_companion!(),
            }
        };
    }
    [
        even!(2, 1_000, 5_000.0),
        even!(8, 64, 5_000.0),
        even!(64, 64, 50.0),
        Nest {
            name: "7 calls of 10 x 5 us and one of 1,000".to_owned(),
            inner: vec![10, 10, 10, 1_000, 10, 10, 10, 10],
            nanos: 5_000.0,
            ours: nested_companion!(),
        },
    ]
}

fn sum(results: &[u64]) -> u64 {
    results
        .iter()
        .fold(0, |sum, result| sum.wrapping_add(*result))
}

pub(crate) fn run(bench: &mut Bench) {
    Tables::part("Nested: each item of a call makes a call");
    for nest in nests() {
        let items = |len: &u32| bench.calibration.items(*len, |_| nest.nanos);
        let outer: Vec<_> = nest.inner.iter().map(items).collect();
        let pace = Pace::Steady;
        let times = race(
            pace,
            bench.effort(pace),
            outer.len(),
            || &*outer,
            |contender, outer| {
                let inside = if contender.nests() {
                    contender
                } else {
                    Contender::Loop
                };
                let no_inner = |_: &[Item]| unreachable!("ours calls its own");
                let work =
                    |inner: &Vec<Item>| sum(&inside.slice(inner, |item| item.work(), no_inner));
                contender.slice(outer, work, nest.ours)
            },
        );
        bench.tables.add("nested", nest.name, &times);
    }
}
