//! Annotates the functions of public crates with `#[parallel]`, and counts what comes of it.
//!
//! `scripts/annotate` says what the counts mean. The stages: a `Package` is copied, `function`
//! finds its functions, `Marked` is its text with some of them annotated, `trial` checks such
//! texts until one compiles, `class` judges the errors, and `report` prints the counts.

mod class;
mod function;
mod marked;
mod package;
mod report;
mod trial;

use std::path::Path;
use std::process::ExitCode;
use std::{env, error, fs, result};

use package::Package;
use report::Report;

type Error = Box<dyn error::Error>;
type Result<T> = result::Result<T, Error>;

fn main() -> ExitCode {
    let mut args: Vec<String> = env::args().skip(1).collect();
    let lists_all = args.iter().any(|arg| arg == "--all");
    args.retain(|arg| arg != "--all");
    let [facade, scratch, crates @ ..] = args.as_slice() else {
        eprintln!("usage: annotate-crate FACADE SCRATCH [--all] CRATE[@VERSION] ..");
        return ExitCode::from(2);
    };

    let mut report = Report::default();
    let mut code = ExitCode::SUCCESS;
    for (number, name) in crates.iter().enumerate() {
        let folder = Path::new(scratch).join(number.to_string());
        match try_crate(name, facade, &folder) {
            Ok((package, trial)) => report.add(package.name, trial),
            Err(error) => {
                eprintln!("{name}: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    print!("{}", report.text(lists_all));
    code
}

/// Tries the crate called `name` in the new `folder`.
fn try_crate(name: &str, facade: &str, folder: &Path) -> Result<(Package, trial::Trial)> {
    fs::create_dir(folder)?;
    let package = Package::copy(name, Path::new(facade), folder)?;
    let trial = trial::run(&package)?;
    Ok((package, trial))
}
