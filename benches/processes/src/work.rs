//! The functions, in the order of `work.py`.

#![expect(
    clippy::needless_pass_by_value,
    reason = "items are sent, and arrive as values"
)]

use std::env;
use std::sync::LazyLock;

use parallelize::parallel;
use serde_bytes::ByteBuf;
use spin::spin;

/// The number of bytes in a long item or result.
const MB: usize = 1_000_000;

static STEPS_PER_MS: LazyLock<u64> = LazyLock::new(|| {
    let steps = env::var("STEPS_PER_MS").expect("`run` sets this");
    steps.parse().expect("`run` sets a number")
});

#[parallel(cluster)]
pub(crate) fn ms1(seed: u32) -> u64 {
    spin(seed.into(), *STEPS_PER_MS)
}

#[parallel(cluster)]
pub(crate) fn ms10(seed: u32) -> u64 {
    spin(seed.into(), 10 * *STEPS_PER_MS)
}

#[parallel(cluster)]
pub(crate) fn increment(number: u32) -> u32 {
    number + 1
}

#[parallel(cluster)]
pub(crate) fn increment_all(numbers: Vec<u32>) -> Vec<u32> {
    numbers.into_iter().map(increment).collect()
}

pub(crate) fn thousand(first: u32) -> Vec<u32> {
    (first..first + 1_000).collect()
}

#[parallel(cluster)]
pub(crate) fn take_text(text: String) -> usize {
    text.len()
}

#[parallel(cluster)]
pub(crate) fn make_text(_: u32) -> String {
    "0123456789".repeat(MB / 10)
}

#[parallel(cluster)]
pub(crate) fn take_bytes(bytes: ByteBuf) -> usize {
    bytes.len()
}

#[parallel(cluster)]
pub(crate) fn make_bytes(number: u32) -> ByteBuf {
    ByteBuf::from(make_vec(number))
}

#[parallel(cluster)]
pub(crate) fn take_vec(bytes: Vec<u8>) -> usize {
    bytes.len()
}

#[parallel(cluster)]
pub(crate) fn make_vec(_: u32) -> Vec<u8> {
    // Small and large bytes, since some encodings take more room for large ones.
    let block: Vec<_> = (0..250).collect();
    block.repeat(MB / block.len())
}

#[parallel(cluster)]
pub(crate) fn take_floats(floats: Vec<f64>) -> f64 {
    floats[floats.len() - 1]
}

#[parallel(cluster)]
pub(crate) fn make_floats(_: u32) -> Vec<f64> {
    vec![0.1; MB / size_of::<f64>()]
}
