//! What functions return.

use std::borrow::Cow;
use std::panic::{self, AssertUnwindSafe};

use parallelize::{Outcome, parallel};

use crate::ranks::{Cluster, agree, is_elsewhere, is_shared, item};

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
fn all_kinds() {
    agree(|| (), || nothing_parallel(0..200));
    agree(|| vec![(); 200], || nothing_job(0..200).collect());
    agree(|| vec![(); 200], || unit_job(0..200).collect());
    agree(|| (), || unit_parallel(0..200));
    agree(
        || (0..200).map(owned).collect::<Vec<_>>(),
        || owned_parallel(0..200),
    );
    agree(
        || (0..200).map(maybe).collect::<Vec<_>>(),
        || maybe_parallel(0..200),
    );
    // Where nobody minds, an error is a result.
    agree(
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
fn failures_name_the_item() {
    let _cluster = Cluster::of(2, 2);
    let message = |run: &dyn Fn()| {
        let panicked = panic::catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
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
    is_elsewhere()
}

#[parallel(cluster)]
fn outer(x: u64) -> bool {
    item();
    let inner = inner_parallel(0..x % 20);
    // What an item asks for is done where the item is: not by a message from here.
    is_elsewhere() || !inner.contains(&true)
}

#[test]
fn calls_from_items_stay_where_the_item_is() {
    let _cluster = Cluster::of(2, 2);
    assert!(is_shared(|| {
        let stayed = outer_parallel(0..100);
        assert!(stayed.iter().all(|stayed| *stayed));
    }));
}
