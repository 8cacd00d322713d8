//! Jobs with a journal compared with the plain loop, over many starts.
#![cfg(feature = "journal")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "numbers are small here"
)]

mod changes;
mod damage;
mod failures;
mod forgery;
mod layout;
mod recording;
mod refusal;
mod restarts;
mod resumption;
mod special_files;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use parallelize_runtime::{Job, Work, job};
use serde::{Deserialize, Serialize};
use support::panics::{says, silence};
use support::scratch::Scratch;

impl Scratch {
    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.0).unwrap()
    }

    /// Writes `bytes` to the path and returns it.
    fn put(&self, bytes: &[u8]) -> &Path {
        fs::write(&self.0, bytes).unwrap();
        &self.0
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    seed: u64,
    name: String,
    value: f64,
}

/// Computes a row.
fn row(seed: u64) -> Row {
    Row {
        seed,
        name: format!("row {seed}"),
        value: (seed as f64).sqrt(),
    }
}

/// Returns the rows of the plain loop.
fn looped(rows: u64) -> Vec<Row> {
    (0..rows).map(row).collect()
}

/// Returns a job that computes rows and counts in `computed` how many.
fn rows(
    rows: u64,
    computed: &AtomicUsize,
) -> Job<std::ops::Range<u64>, impl Work<u64, Output = Row>> {
    job(0..rows, move |seed| {
        computed.fetch_add(1, Ordering::SeqCst);
        row(seed)
    })
}

/// Keeps the panics that tests expect out of the output.
fn silence_expected() {
    silence(|payload| says(payload, "bad") || says(payload, "journal"));
}

/// Sets `computed` to zero and returns what it was.
fn reset(computed: &AtomicUsize) -> usize {
    computed.swap(0, Ordering::SeqCst)
}
