//! Qualifiers and attributes, and the places where a function can stand.

#![deny(deprecated)]

use parallelize::parallel;

use crate::ranks::{Cluster, assert_agree, is_shared, item};

#[parallel(cluster)]
#[cfg(any())]
fn absent(x: Missing) -> Missing {
    x
}

#[parallel(cluster)]
#[cfg(not(any()))]
fn present(x: u64, #[cfg(any())] missing: Missing, #[cfg(not(any()))] k: u64, l: &str) -> u64 {
    item();
    x + k + l.len() as u64
}

#[parallel(cluster, local(a = vec![k; 2], b = 1))]
fn present_locals(
    x: u64,
    #[cfg(any())] a: &mut Missing,
    #[cfg(not(any()))] a: &mut Vec<u64>,
    #[cfg(any())] b: &mut u64,
    k: u64,
) -> u64 {
    item();
    x + a[1] + k
}

#[parallel(cluster)]
#[deprecated = "use something else"]
#[must_use]
#[inline]
#[doc(hidden)]
#[allow(clippy::needless_return)]
#[cfg_attr(all(), allow(dead_code))]
fn old(x: u64) -> u64 {
    item();
    return x;
}

#[parallel(cluster)]
const fn constant(x: u64) -> u64 {
    x + 1
}

#[parallel(cluster)]
extern "C" fn foreign(x: u64) -> u64 {
    item();
    x + 1
}

#[parallel(cluster)]
pub(crate) fn r#match(r#type: u64, r#in: &u64) -> u64 {
    item();
    r#type + r#in
}

#[test]
fn attributes_and_qualifiers_are_accepted() {
    assert_agree(
        || (3..203).collect::<Vec<_>>(),
        || present_parallel(0..200, 1, "ab"),
    );
    assert_agree(
        || (2..202).collect::<Vec<_>>(),
        || present_locals_parallel(0..200, 1),
    );
    #[expect(deprecated)]
    assert_agree(|| (0..200).collect::<Vec<_>>(), || old_parallel(0..200));
    assert_eq!(constant_parallel(0..3), [1, 2, 3]);
    assert_agree(|| (1..201).collect::<Vec<_>>(), || foreign_parallel(0..200));
    assert_agree(
        || (1..201).collect::<Vec<_>>(),
        || match_parallel(0..200, &1),
    );
}

#[test]
fn a_function_inside_a_function_runs_on_other_ranks() {
    #[derive(serde::Deserialize, serde::Serialize)]
    struct Own(u64);

    #[parallel(cluster)]
    fn nested(x: Own, k: &Own) -> Own {
        item();
        Own(x.0 + k.0)
    }

    let _cluster = Cluster::of(1, 1);
    let is_shared = is_shared(|| {
        let results = nested_parallel((0..200).map(Own), &Own(1));
        assert!(results.into_iter().map(|own| own.0).eq(1..201));
    });
    assert!(is_shared);
}

macro_rules! annotated {
    ($name:ident, $ty:ty, $constant:ident: $constant_ty:ty => $body:expr) => {
        #[parallel(cluster, local(own = $constant.len()))]
        fn $name(x: $ty, $constant: $constant_ty, own: &mut usize) -> $ty {
            item();
            x + (*own + $body) as $ty
        }
    };
}

annotated!(by_macro, u64, words: &[String] => words.len());

#[test]
fn a_function_from_a_macro_runs_on_other_ranks() {
    let words = ["a".to_owned()];
    assert_agree(
        || (2..202).collect::<Vec<_>>(),
        || by_macro_parallel(0..200, &words),
    );
}
