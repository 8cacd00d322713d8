//! What `cluster` makes of functions, over ranks that are threads: the loop's results.

// The functions here are as people write them, and not always as clippy would.
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
use ranks::{Cluster, agree, elsewhere, is_shared, item};

#[parallel(cluster)]
fn scaled(x: u64, factor: u64) -> u64 {
    item();
    x * factor
}

#[test]
fn others_do_their_share_and_local_stays() {
    agree(
        || (0..300).map(|x| scaled(x, 3)).collect::<Vec<_>>(),
        || scaled_job(0..300, 3).collect(),
    );
    let _cluster = Cluster::of(2, 2);
    let looped: Vec<_> = (0..300).map(|x| x * 3).collect();
    assert!(is_shared(|| assert_eq!(scaled_parallel(0..300, 3), looped)));
    assert_eq!(
        elsewhere(|| assert_eq!(scaled_job(0..300, 3).local().collect(), looped)),
        0
    );
    let streamed =
        || assert!(scaled_job(0..300, 3).stream(|results| results.eq(looped.iter().copied())));
    assert!(is_shared(streamed));
}

#[test]
fn functions_are_known_by_their_paths() {
    check_registry().expect("no two have one name");
    let is_known = |name| FUNCTIONS.iter().any(|entry| entry.name == name);
    assert!(is_known("cluster::scaled"));
    assert!(is_known("cluster::attributes::match"));
    assert!(!is_known("cluster::attributes::absent"));
}
