//! Qualifiers and attributes of the function and of its arguments.

#![deny(deprecated, unused_must_use)]

use parallelize::parallel;

#[parallel]
unsafe fn unchecked(index: usize, values: &[u64]) -> u64 {
    // SAFETY: the caller ensures that the index is in bounds.
    unsafe { *values.get_unchecked(index) }
}

#[parallel]
const fn constant(x: u64) -> u64 {
    x + 1
}

#[parallel]
extern "C" fn foreign(x: u64) -> u64 {
    x + 1
}

#[parallel]
pub(crate) unsafe extern "C" fn both(x: u64) -> u64 {
    x + 1
}

#[parallel]
#[cfg(any())]
fn absent(x: Missing) -> Missing {
    x
}

#[cfg(any())]
#[parallel]
fn absent(x: Missing) -> Missing {
    x
}

#[parallel]
#[cfg(not(any()))]
fn present(x: u64, #[cfg(any())] missing: Missing, #[cfg(not(any()))] k: u64) -> u64 {
    x + k
}

#[parallel]
#[deprecated = "use something else"]
fn old(x: u64) -> u64 {
    x
}

#[parallel]
#[must_use = "it is expensive"]
#[inline(always)]
#[track_caller]
#[doc(alias = "other")]
#[allow(clippy::needless_return)]
fn many(x: u64) -> u64 {
    return x;
}

#[parallel]
fn r#match(r#type: u64, r#in: u64) -> u64 {
    r#type + r#in
}

const CONSTANT: u64 = constant(1);

#[test]
fn companions_keep_the_qualifiers() {
    let values = [1, 2, 3];
    // SAFETY: the indices are those of `values`.
    assert_eq!(unsafe { unchecked_parallel(0..3, &values) }, values);
    assert_eq!(constant_parallel(0..2), [1, CONSTANT]);
    assert_eq!(foreign_parallel(0..2), [1, 2]);
    // SAFETY: the function has no conditions.
    assert_eq!(unsafe { both_parallel(0..2) }, [1, 2]);
}

#[test]
fn cfg_applies_to_functions_and_arguments() {
    assert_eq!(present_parallel(0..2, 1), [1, 2]);
}

#[test]
fn companions_keep_deprecated_and_must_use() {
    #[expect(deprecated)]
    let old = old_parallel(0..2);
    assert_eq!(old, [0, 1]);
    #[expect(unused_must_use)]
    many_parallel(0..2);
}

#[test]
fn raw_identifiers_are_accepted() {
    assert_eq!(match_parallel(0..2, 1), [1, 2]);
}
