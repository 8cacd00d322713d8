//! Types in every form that serde can encode.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use parallelize::parallel;
use serde::{Deserialize, Serialize};

use crate::ranks::{assert_agree, item};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind")]
enum Tagged {
    Circle { radius: f64 },
    Square { side: f64 },
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    One(u8),
    Two { left: String },
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Text(String),
    Pair { left: u8, right: u8 },
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Everything {
    shapes: Vec<Tagged>,
    untagged: Vec<Untagged>,
    adjacent: Adjacent,
    #[serde(skip)]
    skipped: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    absent: Option<u32>,
    #[serde(flatten)]
    rest: BTreeMap<String, u16>,
    #[serde(rename = "else")]
    other: (char, Duration, [f32; 3]),
}

fn everything(i: u8) -> Everything {
    Everything {
        shapes: vec![
            Tagged::Circle {
                radius: f64::from(i),
            },
            Tagged::Square { side: 0.1 },
        ],
        untagged: vec![
            Untagged::Number(-i64::from(i)),
            Untagged::Text("seven".to_owned()),
            Untagged::Pair { left: i, right: 2 },
        ],
        adjacent: if i % 2 == 0 {
            Adjacent::One(i)
        } else {
            Adjacent::Two {
                left: i.to_string(),
            }
        },
        skipped: 0,
        absent: (i % 3 == 0).then_some(7),
        rest: BTreeMap::from([("more".to_owned(), 1), ("still".to_owned(), i.into())]),
        other: (
            'ß',
            Duration::from_nanos(i.into()),
            [0.1, f32::INFINITY, -0.0],
        ),
    }
}

#[parallel(cluster)]
fn echo(
    value: Everything,
    owned: Everything,
    shared: &Everything,
) -> (Everything, Everything, Everything) {
    item();
    (value, owned, shared.clone())
}

#[parallel(cluster)]
fn lookup(key: &u32, table: &HashMap<u32, Untagged>) -> Option<Untagged> {
    item();
    table.get(key).cloned()
}

#[parallel(cluster)]
fn floats(x: f64) -> (u64, f64) {
    item();
    (x.to_bits(), x)
}

#[test]
fn values_arrive_unchanged() {
    assert_agree(
        || {
            (0..150)
                .map(|i| echo(everything(i), everything(1), &everything(2)))
                .collect::<Vec<_>>()
        },
        || echo_parallel((0..150).map(everything), everything(1), &everything(2)),
    );
    let table = (0..100).map(|i| (i, Untagged::Number(i.into()))).collect();
    let keys: Vec<u32> = (0..200).collect();
    assert_agree(
        || {
            keys.iter()
                .map(|key| lookup(key, &table))
                .collect::<Vec<_>>()
        },
        || lookup_parallel(&keys, &table),
    );
    let xs = || (0..200).map(|i| f64::from_bits(0x7FF0_0000_0000_0000 - i * 0x1234_5678_9ABC));
    assert_agree(
        || xs().map(floats).collect::<Vec<_>>(),
        || floats_parallel(xs()),
    );
}
