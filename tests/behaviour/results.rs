//! Functions with results of every kind, and without results.

use std::sync::atomic::{AtomicU64, Ordering};

use parallelize::parallel;

use crate::assert_agree;

static SUM: AtomicU64 = AtomicU64::new(0);

#[parallel]
fn nothing(x: u64) {
    SUM.fetch_add(x, Ordering::Relaxed);
}

#[parallel]
fn unit(x: u64) -> () {
    SUM.fetch_add(x, Ordering::Relaxed);
}

#[parallel]
fn never(x: u64) -> ! {
    panic!("no {x}")
}

#[parallel]
fn large(x: u64) -> [u64; 64] {
    [x; 64]
}

#[parallel]
fn boxed(x: u64) -> Box<dyn Fn(u64) -> u64 + Send> {
    Box::new(move |y| x * y)
}

#[parallel]
fn parsed(text: &str) -> Result<i64, std::num::ParseIntError> {
    text.parse()
}

#[test]
fn functions_without_results_are_accepted() {
    let () = nothing_parallel(0..100);
    let () = unit_parallel(0..100);
    assert_eq!(SUM.load(Ordering::Relaxed), 2 * 4950);
    never_parallel([]);
}

#[test]
fn results_of_every_kind_agree() {
    assert_agree(
        || (0..100).map(large).collect::<Vec<_>>(),
        || large_parallel(0..100),
    );
    assert_agree(
        || ["1", "x", "3"].map(parsed).to_vec(),
        || parsed_parallel(["1", "x", "3"]),
    );
    assert_eq!(
        boxed_parallel(0..3)
            .iter()
            .map(|by| by(2))
            .collect::<Vec<_>>(),
        [0, 2, 4]
    );
}
