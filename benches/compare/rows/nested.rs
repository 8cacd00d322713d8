//! Calls inside the items of calls.

use super::{Row, Table, grouped};
use crate::Bench;
use crate::contenders::Contender;
use crate::lap::Pace;
use crate::work::Item;

pub(crate) const TABLE: Table = Table {
    name: "nested",
    title: "Nested: each item of a call makes a call",
    rows,
};

/// An outer call whose items make inner calls.
struct NestedCalls {
    name: String,
    /// The number of items of each inner call.
    inner: Vec<u32>,
    /// The cost of an item of an inner call, in nanoseconds.
    nanos: f64,
    ours: fn(&[Vec<Item>]) -> Vec<u64>,
}

/// Defines an outer companion that calls an inner one, like `companion!`.
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

fn calls() -> [NestedCalls; 4] {
    macro_rules! even {
        ($outer:literal, $inner:literal, $nanos:literal) => {
            NestedCalls {
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
        NestedCalls {
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

fn rows(bench: &mut Bench) {
    for calls in calls() {
        let row = Row::new(calls.name, calls.inner.len(), Pace::Steady);
        bench.row(&row, |child| {
            let contender = child.contender;
            let inside = if contender.nests() {
                contender
            } else {
                Contender::Loop
            };
            let no_inner = |_: &[Item]| unreachable!("ours makes its own inner calls");
            let work = |inner: &Vec<Item>| sum(&inside.slice(inner, |item| item.work(), no_inner));
            let items = |len: &u32| child.items(*len, |_| calls.nanos);
            let outer: Vec<_> = calls.inner.iter().map(items).collect();
            child.measure(
                || &*outer,
                |outer: &[_]| contender.slice(outer, work, calls.ours),
            );
        });
    }
}
