//! Shows mistakes and the errors that they cause.
//!
//! Each file in `tests/ui` is one mistake, with the expected error beside it. Its folders say when
//! it runs: `cluster` and `without_cluster` with and without that cargo feature, the same for the
//! other features, and `bounds` with the compiler that the errors in it quote. All others always
//! run. After a change,
//! `TRYBUILD=overwrite cargo test --test ui` writes the errors anew.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The compiler that the errors in `bounds` quote.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    let is_recorded = is_recorded_compiler();
    if !is_recorded {
        eprintln!("bounds are skipped: they quote {RECORDED_WITH}x");
    }
    visit(Path::new("tests/ui"), &mut |path| {
        let is_in = |folder: &str| path.iter().any(|part| part == OsStr::new(folder));
        let features = [
            ("cluster", cfg!(feature = "cluster")),
            ("journal", cfg!(feature = "journal")),
            ("processes", cfg!(feature = "processes")),
            ("progress", cfg!(feature = "progress")),
        ];
        let has_features = features.iter().all(|(feature, is_on)| {
            let (with, without) = (is_in(feature), is_in(&format!("without_{feature}")));
            (*is_on || !with) && (!is_on || !without)
        });
        if has_features && (is_recorded || !is_in("bounds")) {
            cases.compile_fail(path);
        }
    });
}

/// Calls `case` with each mistake in `folder`. Fails if something else is there, or nothing.
fn visit(folder: &Path, case: &mut dyn FnMut(&Path)) {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    for path in &paths {
        match path.extension().and_then(OsStr::to_str) {
            None if path.is_dir() => visit(path, case),
            Some("rs") => case(path),
            Some("stderr") if path.with_extension("rs").exists() => {}
            _ => panic!("{} belongs to no mistake", path.display()),
        }
    }
}

fn is_recorded_compiler() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    version.is_ok_and(|version| version.stdout.starts_with(RECORDED_WITH.as_bytes()))
}
