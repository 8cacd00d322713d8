//! Items of different cost: 5 ms of work, spread unevenly over the items.

use super::{Companion, Table, companion, grouped, slice_row, time};
use crate::Bench;
use crate::lap::Pace;

pub(crate) const TABLE: Table = Table {
    name: "shapes",
    title: "Shapes: items of different cost",
    rows,
};

/// A way to spread the cost over the items.
struct Shape {
    name: &'static str,
    /// Returns the cost of an item from its relative position, its index and the number of items.
    /// The mean cost is 1.
    cost: fn(f64, u32, u32) -> f64,
    few: Companion,
    many: Companion,
}

/// How many times as much a giant costs as another item.
const GIANT: f64 = 1_000.0;

fn is_giant(index: u32) -> bool {
    // One item in each hundred, at a varying position.
    index % 100 == index / 100 * 37 % 100
}

fn shapes() -> [Shape; 5] {
    macro_rules! shape {
        ($name:literal, $cost:expr) => {
            Shape {
                name: $name,
                cost: $cost,
                few: companion!(),
                many: companion!(),
            }
        };
    }
    [
        shape!("rising", |way, _, _| 2.0 * way),
        shape!("falling", |way, _, _| 2.0 * (1.0 - way)),
        shape!("1 in 100 costs 1,000 times as much", |_, index, _| {
            let others = 1.0 / (0.99 + 0.01 * GIANT);
            if is_giant(index) {
                GIANT * others
            } else {
                others
            }
        }),
        shape!("the first item is half of the work", |_, index, len| {
            half_of_all(index == 0, len)
        }),
        shape!("the last item is half of the work", |_, index, len| {
            half_of_all(index == len - 1, len)
        }),
    ]
}

fn half_of_all(is_giant: bool, len: u32) -> f64 {
    if is_giant { f64::from(len) / 2.0 } else { 0.5 }
}

fn rows(bench: &mut Bench) {
    for shape in shapes() {
        let sizes = [(1_000, 5_000.0, shape.few), (100_000, 50.0, shape.many)];
        for (len, nanos, ours) in sizes {
            let cost = |index| {
                let way = f64::from(index) / f64::from(len);
                nanos * (shape.cost)(way, index, len)
            };
            let name = format!("{} x {}, {}", grouped(len), time(nanos), shape.name);
            slice_row(bench, name, Pace::Steady, len, cost, ours);
        }
    }
}
