//! Names in user code that are also names of the standard library or of generated code.

mod shadowed {
    #![no_implicit_prelude]
    #![allow(dead_code, non_upper_case_globals)]

    use ::parallelize::parallel;

    mod core {}
    mod std {}
    mod parallelize {}
    struct Vec;
    struct Option;
    struct Send;
    trait Sync {}
    trait Clone {}
    trait IntoIterator {}
    trait Iterator {}
    const PROFILE: usize = 2;
    const item: usize = 3;
    fn companion() {}

    #[parallel]
    pub(super) fn owned(x: usize, text: ::std::string::String) -> ::std::option::Option<usize> {
        text.as_bytes()
            .get(x)
            .map(|byte| <usize as ::std::convert::From<u8>>::from(*byte))
    }

    #[parallel]
    pub(super) fn array(x: [usize; PROFILE], y: [usize; item]) -> usize {
        x[0] * PROFILE + y[0] + item
    }

    pub(super) struct Thing(pub(super) usize);

    impl Thing {
        #[parallel]
        pub(super) fn add(&self, x: usize) -> usize {
            self.0 + x
        }
    }
}

use parallelize::parallel;

#[parallel]
fn locals(item: u64, items: u64, companion: u64, worker: u64, buf: u64) -> u64 {
    item + items + companion + worker + buf
}

#[parallel(over(x))]
fn itself(itself: &u64, x: u64) -> u64 {
    itself + x
}

#[parallel]
fn other(other: u64) -> u64 {
    other
}

#[parallel]
fn underscore(x: u64, _underscore: u64) -> u64 {
    x
}

#[parallel]
fn pattern((pattern, _): (u64, u64)) -> u64 {
    pattern
}

#[parallel]
fn quotes_self(x: u64) -> &'static str {
    let _ = x;
    stringify!(Self)
}

#[test]
fn an_argument_may_have_the_name_of_the_function() {
    assert_eq!(itself_parallel(&1, 0..2), [1, 2]);
    assert_eq!(other_parallel(0..2), [0, 1]);
    assert_eq!(underscore_parallel(0..2, 1), [0, 1]);
    assert_eq!(pattern_parallel([(0, 1)]), [0]);
    assert_eq!(quotes_self_parallel(0..1), ["Self"]);
}

#[test]
fn names_of_the_standard_library_may_be_shadowed() {
    assert_eq!(shadowed::owned_parallel(0..2, "a".into()), [Some(97), None]);
    assert_eq!(shadowed::array_parallel([[1, 2], [2, 3]], [1; 3]), [6, 8]);
    assert_eq!(shadowed::Thing(1).add_parallel(0..2), [1, 2]);
}

#[parallel]
fn second(x: u64, _second_job: u64, (second_parallel,): (u64,)) -> u64 {
    x + second_parallel
}

#[test]
fn arguments_may_have_the_names_of_generated_code() {
    assert_eq!(locals_parallel(0..2, 1, 1, 1, 1), [4, 5]);
    assert_eq!(second_parallel(0..2, 1, (1,)), [1, 2]);
}

mod facade {
    pub(super) mod inside {
        pub(crate) use parallelize::*;
    }
}

#[parallel(crate = crate::hygiene::facade::inside)]
fn elsewhere(x: u64) -> u64 {
    x
}

#[test]
fn the_facade_may_have_another_name() {
    assert_eq!(elsewhere_parallel(0..2), [0, 1]);
}
