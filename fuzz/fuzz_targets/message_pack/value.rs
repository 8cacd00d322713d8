//! Values of every form that serde knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use arbitrary::Arbitrary;
use serde::{Deserialize, Serialize};

/// A float that equals itself.
#[derive(Arbitrary, Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Float<F>(F);

impl PartialEq for Float<f32> {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl PartialEq for Float<f64> {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

#[allow(
    clippy::option_option,
    clippy::zero_sized_map_values,
    reason = "such values are hard to encode"
)]
#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Value {
    Unit,
    Bool(bool),
    Small(i8, u8, i16, u16),
    Numbers {
        i: i32,
        u: u32,
        long: i64,
        unsigned: u64,
    },
    Wide(i128, u128),
    Floats(Float<f32>, Float<f64>),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    Nothing(()),
    Maybe(Option<u8>),
    MaybeMaybe(Option<Option<u8>>),
    MaybeUnit(Option<()>),
    Result(Result<(), Option<String>>),
    Time(Duration),
    Pair((u8, Option<char>)),
    Array([Option<u16>; 3]),
    ByNumber(BTreeMap<i64, Option<String>>),
    ByText(HashMap<String, u64>),
    ByPair(BTreeMap<(u8, Option<u8>), ()>),
    Set(BTreeSet<Option<bool>>),
    Plain(Plain),
    Tagged(Tagged),
    Adjacent(Adjacent),
    Untagged(Vec<Untagged>),
    Flat(Flat),
    UnitStruct(Option<UnitStruct>),
    New(Option<New>),
    Transparent(Transparent),
    Boxed(Box<Value>),
    MaybeBoxed(Option<Box<Value>>),
    Many(Vec<Value>),
}

#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UnitStruct;

#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct New(Option<u8>);

#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Transparent {
    inner: Vec<Option<New>>,
}

#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plain {
    first_one: u8,
    #[serde(rename = "other name")]
    second: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    absent: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    list: Vec<u64>,
}

#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub(crate) enum Tagged {
    Nothing,
    Circle { radius: Float<f64> },
    Square { side: i64, name: Option<String> },
    Plain(Plain),
}

#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
pub(crate) enum Adjacent {
    Nothing,
    One(u8),
    Two(u8, String),
    Named { a: Option<u8> },
}

#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Number(i64),
    Text(String),
    Pair { left: u8, right: u8 },
    Several(Vec<Untagged>),
}

/// A field of each kind, and any others.
#[derive(Arbitrary, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flat {
    number: u64,
    #[serde(flatten)]
    plain: Plain,
    #[serde(flatten)]
    rest: BTreeMap<Other, i16>,
}

/// The name of another field.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Other {
    Some,
    Others,
}
