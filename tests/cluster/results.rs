//! Results of every kind, failures, and calls inside items.

use std::borrow::Cow;
use std::panic::{self, AssertUnwindSafe};

use parallelize::{Outcome, parallel};

use crate::ranks::{Cluster, assert_agree, is_on_another_rank, is_shared, item};

#[parallel(cluster)]
fn nothing(_: u64) {
    item();
}

#[parallel(cluster)]
fn unit(_: u64) -> () {
    item();
}

#[parallel(cluster)]
fn never(x: u64) -> ! {
    item();
    panic!("never {x}")
}

#[parallel(cluster)]
fn owned(x: u64) -> Cow<'static, str> {
    item();
    if x % 2 == 0 {
        "even".into()
    } else {
        x.to_string().into()
    }
}

#[parallel(cluster)]
fn maybe(x: u64) -> Option<Result<u64, ()>> {
    item();
    (x % 2 == 0).then(|| x.checked_sub(10).ok_or(()))
}

#[parallel(cluster)]
fn checked(x: u64) -> Result<u64, String> {
    item();
    if x % 100 == 70 {
        Err(format!("not {x}"))
    } else {
        Ok(x)
    }
}

#[test]
fn results_of_every_kind_agree() {
    assert_agree(|| (), || nothing_parallel(0..200));
    assert_agree(|| vec![(); 200], || nothing_job(0..200).collect());
    assert_agree(|| vec![(); 200], || unit_job(0..200).collect());
    assert_agree(|| (), || unit_parallel(0..200));
    assert_agree(
        || (0..200).map(owned).collect::<Vec<_>>(),
        || owned_parallel(0..200),
    );
    assert_agree(
        || (0..200).map(maybe).collect::<Vec<_>>(),
        || maybe_parallel(0..200),
    );
    // Without `fail_fast`, errors are returned like other results.
    assert_agree(
        || (0..300).map(checked).collect::<Vec<_>>(),
        || checked_parallel(0..300),
    );
}

#[parallel(cluster)]
fn fragile(x: u64, bad: u64) -> u64 {
    item();
    assert!(x != bad, "{x} is bad");
    x
}

#[test]
fn failures_name_their_item() {
    let _cluster = Cluster::of(2, 2);
    let message = |call: &dyn Fn()| {
        let panicked = panic::catch_unwind(AssertUnwindSafe(call)).expect_err("it panics");
        *panicked.downcast::<String>().expect("it has a message")
    };
    let said = message(&|| drop(fragile_parallel(0..300, 200)));
    assert!(said.starts_with("item 200: 200 is bad"), "{said}");
    let said = message(&|| never_parallel(0..300));
    assert!(said.starts_with("item 0: never 0"), "{said}");
    let failure = checked_job(0..300).try_collect().unwrap_err();
    assert_eq!(failure.to_string(), "item 70: not 70");
    let outcomes = fragile_job(0..300, 200).outcomes();
    for (i, outcome) in outcomes.iter().enumerate() {
        assert_eq!(matches!(outcome, Outcome::Panicked(_)), i == 200);
    }
}

#[parallel(cluster)]
fn inner(x: u64) -> bool {
    item();
    let _ = x;
    is_on_another_rank()
}

#[parallel(cluster)]
fn outer(x: u64) -> bool {
    item();
    let inner = inner_parallel(0..x % 20);
    // The inner call runs on the rank of this item. It is not sent to another rank.
    is_on_another_rank() || !inner.contains(&true)
}

#[test]
fn a_call_inside_an_item_stays_on_the_rank_of_the_item() {
    let _cluster = Cluster::of(2, 2);
    assert!(is_shared(|| {
        let stayed = outer_parallel(0..100);
        assert!(stayed.iter().all(|stayed| *stayed));
    }));
}
