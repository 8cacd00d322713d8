//! Compares expansions with the files in `tests/snapshots`.
//!
//! Each file shows one annotated function and, below the line `// expands to`, its companions in
//! the layout of prettyplease. The first line may name cargo features: `// features: journal`.
//! After a change, `PARALLELIZE_SNAPSHOTS=overwrite cargo test -p parallelize-macros snapshots`
//! writes all expansions anew. A new case is a new file that ends with its function.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{env, fs};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::options::Features;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");
const SEPARATOR: &str = "\n// expands to\n";
const FEATURES: &str = "// features: ";
const REMEDY: &str = "if the new expansions are right, write them with\n    \
                      PARALLELIZE_SNAPSHOTS=overwrite cargo test -p parallelize-macros snapshots";

#[test]
fn expansions_are_as_the_files_say() {
    let overwrites = env::var_os("PARALLELIZE_SNAPSHOTS").is_some_and(|word| word == "overwrite");
    let mut mismatches = String::new();
    for path in files() {
        let text = fs::read_to_string(&path).expect("a file that can be read");
        let (input, expected) = text.split_once(SEPARATOR).unwrap_or((&text, ""));
        let found = companions(input, &path);
        if layout(expected, &path) == found {
            continue;
        }
        if overwrites {
            let text = format!("{}\n{SEPARATOR}\n{found}", input.trim_end());
            fs::write(&path, text).expect("a file that can be written");
        } else {
            let difference = first_difference(expected, &found);
            writeln!(mismatches, "{}\n{difference}", path.display()).expect("a string");
        }
    }
    assert!(mismatches.is_empty(), "{mismatches}\n{REMEDY}");
}

/// Returns all cases. Fails if there is none, or if the folder holds anything else.
fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).expect("the folder of the snapshots");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no snapshots in {FOLDER}");
    for path in &files {
        let is_case = path.extension().is_some_and(|extension| extension == "rs");
        assert!(is_case, "not a snapshot: {}", path.display());
    }
    files
}

/// Returns the companions of the function in `input`, in the layout of prettyplease.
fn companions(input: &str, path: &Path) -> String {
    let tokens = parse(input, path);
    let mut tokens = tokens.into_iter();
    let args = match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(group))) if hash.as_char() == '#' => {
            arguments(group.stream())
        }
        _ => None,
    };
    let args = args.unwrap_or_else(|| panic!("no `#[parallel]` begins {}", path.display()));
    let companions = crate::expand::companions_of(args, tokens.collect(), features(input));
    let companions = companions.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    layout(&companions.to_string(), path)
}

/// Returns what stands in the parentheses of `parallel(..)`, or nothing if there are none.
fn arguments(attribute: TokenStream) -> Option<TokenStream> {
    let mut tokens = attribute.into_iter();
    let name = tokens.next()?;
    match tokens.next() {
        _ if name.to_string() != "parallel" => None,
        None => Some(TokenStream::new()),
        Some(TokenTree::Group(args)) if args.delimiter() == Delimiter::Parenthesis => {
            Some(args.stream())
        }
        Some(_) => None,
    }
}

/// Returns the cargo features that the first line of `input` names.
fn features(input: &str) -> Features {
    let line = input.lines().next().unwrap_or_default();
    let mut features = Features {
        cluster: false,
        journal: false,
    };
    for name in line.strip_prefix(FEATURES).unwrap_or_default().split(", ") {
        match name {
            "" => {}
            "cluster" => features.cluster = true,
            "journal" => features.journal = true,
            _ => panic!("no feature is called `{name}`"),
        }
    }
    features
}

fn parse(text: &str, path: &Path) -> TokenStream {
    TokenStream::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns `text` in the layout of prettyplease.
fn layout(text: &str, path: &Path) -> String {
    let file = syn::parse2(parse(text, path));
    prettyplease::unparse(&file.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Returns the first line that differs, with those before it.
fn first_difference(expected: &str, found: &str) -> String {
    let expected: Vec<&str> = expected.trim().lines().collect();
    let found: Vec<&str> = found.trim().lines().collect();
    let same = expected
        .iter()
        .zip(&found)
        .take_while(|(a, b)| a == b)
        .count();
    let mut text = String::new();
    for line in &found[same.saturating_sub(3)..same] {
        writeln!(text, "      {line}").expect("a string");
    }
    let at = |lines: &[&str]| {
        lines
            .get(same)
            .map_or("(the end)".to_owned(), ToString::to_string)
    };
    let (expected, found) = (at(&expected), at(&found));
    writeln!(text, "    - {expected}\n    + {found}").expect("a string");
    text
}
