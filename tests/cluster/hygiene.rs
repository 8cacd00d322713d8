//! Names in user code that are also names of the standard library or of generated code.

mod shadowed {
    #![no_implicit_prelude]
    #![allow(dead_code, non_upper_case_globals)]

    use ::parallelize::parallel;

    mod core {}
    mod std {}
    mod parallelize {}
    mod serde {}
    mod linkme {}
    struct Vec;
    struct Option;
    struct Result;
    struct Box;
    struct Entry;
    struct Function;
    trait Travels {}
    trait Borrow {}
    const ENTRY: usize = 2;
    const constants: usize = 3;
    const from: usize = 1;
    fn begin() {}

    #[parallel(cluster, local(buffer = [from; ENTRY]))]
    pub(super) fn owned(
        x: usize,
        text: ::std::string::String,
        model: &::std::string::String,
        y: [usize; constants],
        buffer: &mut [usize; ENTRY],
    ) -> ::std::option::Option<usize> {
        crate::ranks::item();
        text.as_bytes().get(x).map(|byte| {
            <usize as ::std::convert::From<u8>>::from(*byte) + y[0] + buffer[from] + model.len()
        })
    }
}

use parallelize::parallel;

use crate::ranks::{assert_agree, item};

#[parallel(cluster)]
fn locals(item: u64, into: u64, from: &u64, constants: u64, result: u64, locals: u64) -> u64 {
    crate::ranks::item();
    item + into + from + constants + result + locals
}

/// Its argument has the name of the function.
#[parallel(cluster, over(x))]
fn begin(begin: &u64, x: u64) -> u64 {
    item();
    begin + x
}

mod facade {
    pub(super) mod inside {
        pub(crate) use parallelize::*;
    }
}

#[parallel(crate = crate::hygiene::facade::inside, cluster)]
fn elsewhere(x: u64, k: &str) -> u64 {
    item();
    x + k.len() as u64
}

#[test]
fn names_do_not_collide() {
    let text = "abc".repeat(100);
    let model = "m".to_owned();
    assert_agree(
        || {
            (0..200)
                .map(|x| shadowed::owned(x, text.clone(), &model, [1; 3], &mut [1; 2]))
                .collect::<Vec<_>>()
        },
        || shadowed::owned_parallel(0..200, text.clone(), &model, [1; 3]),
    );
    assert_agree(
        || (5..205).collect::<Vec<_>>(),
        || locals_parallel(0..200, 1, &1, 1, 1, 1),
    );
    assert_agree(
        || (1..201).collect::<Vec<_>>(),
        || begin_parallel(&1, 0..200),
    );
    assert_agree(
        || (1..201).collect::<Vec<_>>(),
        || elsewhere_parallel(0..200, "k"),
    );
}
