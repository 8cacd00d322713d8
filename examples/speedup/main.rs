//! Compares the plain loop with the companion for three real functions.
//!
//! ```console
//! cargo run --release --example speedup [folder of Rust sources]
//! ```

mod chart;
mod mandelbrot;
mod monte_carlo;
mod sources;
mod table;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mandelbrot::{VIEW, mandelbrot_row, mandelbrot_row_parallel};
use monte_carlo::{MARKET, asian_call, asian_call_parallel, grid};
use sources::{Sources, source_statistics, source_statistics_parallel};
use table::{ROUNDS, Table};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("speedup: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let sources = chosen_sources()?;
    let folder = output_folder()?;
    let picture = folder.join("mandelbrot.png");
    let chart = folder.join("speedup.svg");

    let mut table = Table::new()?;
    let rows = table.compare(
        "mandelbrot_row",
        || VIEW.rows().map(|y| mandelbrot_row(y, &VIEW)).collect(),
        || mandelbrot_row_parallel(VIEW.rows(), &VIEW),
        Vec::eq,
    )?;
    let statistics = table.compare(
        "source_statistics",
        || sources.files().map(source_statistics).collect(),
        || source_statistics_parallel(sources.files()),
        Result::eq,
    )?;
    table.compare(
        "asian_call",
        || grid().map(|option| asian_call(option, &MARKET)).collect(),
        || asian_call_parallel(grid(), &MARKET),
        |a, b| a.to_bits() == b.to_bits(),
    )?;
    println!(
        "Medians of {ROUNDS} rounds. Each companion returned what its loop returned, bit for bit.\n"
    );

    sources.report(&statistics)?;
    mandelbrot::write_png(&picture, &VIEW, &rows)?;
    chart::draw(&chart, &table)?;
    println!("{}\n{}", picture.display(), chart.display());
    Ok(())
}

/// Returns the sources in the named folder. Without one, returns those that cargo has unpacked on
/// this machine, or else those of this repository.
fn chosen_sources() -> Result<Sources, String> {
    let mut arguments = env::args_os().skip(1);
    let named = arguments.next();
    if arguments.next().is_some() {
        return Err("usage: cargo run --release --example speedup [folder of Rust sources]".into());
    }
    if let Some(folder) = named {
        return Sources::find(folder.into());
    }
    let unpacked = cargo_home().and_then(|home| Sources::find(home.join("registry/src")).ok());
    unpacked.map_or_else(|| Sources::find(env!("CARGO_MANIFEST_DIR").into()), Ok)
}

fn cargo_home() -> Option<PathBuf> {
    let home = || env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"));
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(&home()?).join(".cargo")))
}

/// Creates a folder for the pictures in cargo's target folder.
fn output_folder() -> Result<PathBuf, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| here.join("target"), PathBuf::from);
    let folder = target.join("speedup");
    fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    Ok(folder)
}
