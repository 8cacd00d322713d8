//! Shows that errors are the same in every edition.

extern crate trybuild;

#[test]
fn mistakes() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
