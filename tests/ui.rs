//! What a mistake looks like to the one who made it.

use std::process::Command;

/// The compiler whose words stand in the expectations that quote it.
const RECORDED_WITH: &str = "rustc 1.95.";

#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/options/*.rs");
    cases.compile_fail("tests/ui/signature/*.rs");
    let has_cluster = cfg!(feature = "cluster");
    cases.compile_fail(if has_cluster {
        "tests/ui/cluster/refused/*.rs"
    } else {
        "tests/ui/without_cluster/*.rs"
    });
    if cfg!(feature = "journal") {
        eprintln!("tests/ui/bounds is skipped: it quotes what is generated without features");
    } else if is_recorded_compiler() {
        cases.compile_fail("tests/ui/bounds/*.rs");
        if has_cluster {
            cases.compile_fail("tests/ui/cluster/bounds/*.rs");
        }
    } else {
        eprintln!("what quotes {RECORDED_WITH}x is skipped");
    }
}

fn is_recorded_compiler() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output();
    version.is_ok_and(|version| version.stdout.starts_with(RECORDED_WITH.as_bytes()))
}
