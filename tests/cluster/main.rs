//! The option `cluster`, on ranks that are threads: results are those of the loop.

// The functions here are written as users write them, with or without clippy.
#![allow(clippy::pedantic, clippy::style, clippy::complexity)]
#![forbid(unsafe_code)]
#![deny(unused)]

mod arguments;
mod attributes;
mod hygiene;
#[path = "../../parallelize-runtime/tests/ranks/mod.rs"]
mod in_process;
mod options;
mod ranks;
mod results;
mod values;

use parallelize::__private::cluster::{FUNCTIONS, check_registry};
use parallelize::parallel;
use ranks::{Cluster, assert_agree, is_shared, item, items_elsewhere};

#[parallel(cluster)]
fn scaled(x: u64, factor: u64) -> u64 {
    item();
    x * factor
}

#[test]
fn other_ranks_do_their_share_except_in_local_calls() {
    assert_agree(
        || (0..300).map(|x| scaled(x, 3)).collect::<Vec<_>>(),
        || scaled_job(0..300, 3).collect(),
    );
    let _cluster = Cluster::of(2, 2);
    let looped: Vec<_> = (0..300).map(|x| x * 3).collect();
    assert!(is_shared(|| assert_eq!(scaled_parallel(0..300, 3), looped)));
    assert_eq!(
        items_elsewhere(|| assert_eq!(scaled_job(0..300, 3).local().collect(), looped)),
        0
    );
    let streamed =
        || assert!(scaled_job(0..300, 3).stream(|results| results.eq(looped.iter().copied())));
    assert!(is_shared(streamed));
}

#[test]
fn functions_are_registered_by_their_paths() {
    check_registry().expect("unique names");
    let is_known = |name| FUNCTIONS.iter().any(|entry| entry.name == name);
    assert!(is_known("cluster::scaled"));
    assert!(is_known("cluster::attributes::match"));
    assert!(!is_known("cluster::attributes::absent"));
}
