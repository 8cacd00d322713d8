//! Compares the plain loop with the companion for three real functions. Draws the Mandelbrot set,
//! when each thread worked on it, and a chart of the speed-ups.
//!
//! ```console
//! cargo run --release --example speedup [folder of Rust sources]
//! ```
//!
//! The pictures are written into `target/speedup`. This writes those of this repository:
//!
//! ```console
//! cargo run --release --example speedup -- --pictures examples/pictures
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

use mandelbrot::{VIEW, mandelbrot_row, mandelbrot_row_job, mandelbrot_row_parallel};
use monte_carlo::{MARKET, asian_call, asian_call_parallel, grid};
use sources::{Sources, source_statistics, source_statistics_parallel};
use table::{ROUNDS, Table};

const USAGE: &str = "usage: cargo run --release --example speedup -- \
                     [--pictures folder] [folder of Rust sources]";

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
    let (pictures, sources) = named_folders()?;
    let sources = chosen_sources(sources)?;
    // The pictures of the repository are small.
    let width = if pictures.is_some() { 400 } else { VIEW.width };
    let folder = pictures.unwrap_or_else(output_folder);
    fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;

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
    let [picture, timeline, chart] =
        ["mandelbrot.png", "timeline.svg", "chart.svg"].map(|name| folder.join(name));
    mandelbrot::write_png(&picture, &VIEW, width, &rows)?;
    let (_, report) = mandelbrot_row_job(VIEW.rows(), &VIEW).report();
    fs::write(&timeline, report.timeline_svg())?;
    chart::draw(&chart, &table)?;
    for path in [picture, timeline, chart] {
        println!("{}", path.display());
    }
    Ok(())
}

/// Returns the folder for the pictures and that of the sources, if the arguments name them.
fn named_folders() -> Result<(Option<PathBuf>, Option<PathBuf>), String> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from).peekable();
    let pictures = match arguments.next_if(|first| first == Path::new("--pictures")) {
        Some(_) => Some(arguments.next().ok_or(USAGE)?),
        None => None,
    };
    let sources = arguments.next();
    match arguments.next() {
        Some(_) => Err(USAGE.into()),
        None => Ok((pictures, sources)),
    }
}

/// Returns the sources in the named folder. Without one, returns those that cargo has unpacked on
/// this machine, or else those of this repository.
fn chosen_sources(named: Option<PathBuf>) -> Result<Sources, String> {
    if let Some(folder) = named {
        return Sources::find(folder);
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

/// Returns the folder for pictures in cargo's target folder.
fn output_folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| here.join("target"), PathBuf::from);
    target.join("speedup")
}
