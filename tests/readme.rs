//! The first snippet of the README and of the front page compiles and runs: it is the example
//! `quickstart`.

/// Returns the example without the line about it.
fn example() -> &'static str {
    let (_, example) = include_str!("../examples/quickstart.rs")
        .split_once("\n\n")
        .expect("a line about the example, then the example");
    example
}

#[test]
fn the_first_snippet_is_the_example_quickstart() {
    let (_, rest) = include_str!("../README.md")
        .split_once("```rust\n")
        .expect("a snippet");
    let (snippet, _) = rest.split_once("```").expect("the end of the snippet");
    assert_eq!(snippet, example());
}

#[test]
fn the_front_page_begins_with_the_same_snippet() {
    let lines = include_str!("../src/lib.rs").lines();
    let page = lines.map_while(|line| line.strip_prefix("//!"));
    let lines = page.map(|line| line.strip_prefix(' ').unwrap_or(line));
    let snippet = lines
        .skip_while(|line| *line != "```")
        .skip(1)
        .take_while(|line| *line != "```");
    assert_eq!(
        snippet.collect::<Vec<_>>(),
        example().lines().collect::<Vec<_>>()
    );
}
