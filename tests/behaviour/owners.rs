//! Items that own what the function borrows.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use parallelize::parallel;

use crate::assert_agree;

#[parallel]
fn length(word: &str) -> usize {
    word.len()
}

#[parallel]
fn initial(word: &str) -> &str {
    &word[..1]
}

#[parallel]
fn extension(path: &Path, default: &str) -> String {
    let extension = path.extension().and_then(OsStr::to_str);
    extension.unwrap_or(default).to_owned()
}

#[parallel]
fn total(numbers: &[f64]) -> f64 {
    numbers.iter().sum()
}

#[parallel(zip(word, numbers))]
fn weighed(word: &str, numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() * word.len() as f64
}

#[parallel(grid(left, right))]
fn joined(left: &str, right: &str) -> String {
    format!("{left}{right}")
}

/// As in a loop over them, items may own what the function borrows.
#[test]
fn owners_are_lent() {
    let words: Vec<String> = ["one", "three"].map(str::to_owned).to_vec();
    let borrowed: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_agree(
        || words.iter().map(|word| length(word)).collect(),
        || length_parallel(&words),
    );
    assert_eq!(length_parallel(&borrowed), [3, 5]);
    assert_eq!(length_parallel(borrowed.clone()), [3, 5]);
    assert_eq!(length_parallel(["a", "bc"]), [1, 2]);
    assert_eq!(length_parallel("a bc".split(' ')), [1, 2]);
    assert_eq!(length_parallel(words.iter().map(|word| &word[1..])), [2, 4]);
    // What borrows from an owner outlives the call.
    let initials: Vec<&str> = initial_job(&words).threads(2).collect();
    assert_eq!(initials, ["o", "t"]);

    let paths = vec![PathBuf::from("a.rs"), PathBuf::from("b")];
    assert_eq!(extension_parallel(&paths, "none"), ["rs", "none"]);
    assert_eq!(
        extension_parallel(["a.txt"].map(Path::new), "none"),
        ["txt"]
    );

    let rows = vec![vec![1.0, 2.0], vec![3.0]];
    assert_eq!(total_parallel(&rows), [3.0, 3.0]);
    assert_eq!(total_parallel(&[[1.0, 2.0], [3.0, 4.0]]), [3.0, 7.0]);
    assert_eq!(total_parallel(rows[0].chunks(1)), [1.0, 2.0]);
    assert_eq!(weighed_parallel(&words, &rows), [9.0, 15.0]);
    assert_eq!(
        joined_parallel(&words, &borrowed),
        ["oneone", "onethree", "threeone", "threethree"]
    );
}
