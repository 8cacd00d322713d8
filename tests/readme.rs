//! The first snippet of the README compiles and runs: it is the example `quickstart`.

#[test]
fn the_first_snippet_is_the_example_quickstart() {
    let (_, rest) = include_str!("../README.md")
        .split_once("```rust\n")
        .expect("a snippet");
    let (snippet, _) = rest.split_once("```").expect("the end of the snippet");
    let (_, example) = include_str!("../examples/quickstart.rs")
        .split_once("\n\n")
        .expect("a line about the example, then the example");
    assert_eq!(snippet, example);
}
