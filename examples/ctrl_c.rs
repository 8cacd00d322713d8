//! A sweep that Ctrl-C ends. Finished results are kept, and a second run computes the rest.
//!
//! The logistic map is chaotic at a growth rate if its Lyapunov exponent is above zero. This
//! program prints a row with rate and exponent for each rate. Rates in the files named as arguments
//! are not computed again:
//!
//! ```console
//! cargo run --release --example ctrl_c > target/rows
//! cargo run --release --example ctrl_c target/rows >> target/rows
//! ```

use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::{env, fs};

use parallelize::{Outcome, Stop, parallel};

const RATES: u32 = 1_000;

/// Returns the mean of the logarithm of the slope over `steps` steps.
#[parallel]
fn exponent(rate: f64, steps: u32) -> f64 {
    let mut x = 0.4;
    let mut sum = 0.0;
    for _ in 0..steps {
        x *= rate * (1.0 - x);
        sum += (rate * (1.0 - 2.0 * x)).abs().ln();
    }
    sum / f64::from(steps)
}

fn main() -> io::Result<ExitCode> {
    let rows: Vec<String> = env::args()
        .skip(1)
        .map(fs::read_to_string)
        .collect::<Result<_, _>>()?;
    let known: HashSet<&str> = rows
        .iter()
        .flat_map(|rows| rows.split_whitespace())
        .step_by(2)
        .collect();
    let all = (0..RATES).map(|i| format!("{:.4}", 3.0 + f64::from(i) / f64::from(RATES)));
    let names: Vec<String> = all.filter(|name| !known.contains(&**name)).collect();
    let rates: Vec<f64> = names
        .iter()
        .map(|name| name.parse().expect("a number"))
        .collect();

    let is_screen = io::stdout().is_terminal();
    if is_screen {
        eprintln!("The rows will appear here; `> FILE` behind the command puts them into a file");
    }
    let stop = Stop::new();
    let on_ctrl_c = stop.clone();
    ctrlc::set_handler(move || on_ctrl_c.stop()).map_err(io::Error::other)?;
    eprintln!(
        "{} of {RATES} rates are left; press Ctrl-C to stop",
        rates.len()
    );
    let outcomes = exponent_job(rates, 5_000_000)
        .on_progress(|done, _| eprint!("\r{done} done"))
        .outcomes_until(&stop);

    let mut skipped = 0;
    let mut stdout = io::stdout().lock();
    for (name, outcome) in names.iter().zip(outcomes) {
        match outcome {
            Outcome::Done(exponent) => writeln!(stdout, "{name} {exponent:.6}")?,
            Outcome::Panicked(panic) => eprintln!("\rrate {name}: {}", panic.message()),
            Outcome::Died(_) => unreachable!("no other process runs items"),
            Outcome::Skipped => skipped += 1,
        }
    }
    eprintln!("\r{} done, {skipped} skipped", names.len() - skipped);
    if skipped == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let begin = if is_screen {
        "Copy the rows into a file and go on"
    } else {
        "Go on"
    };
    eprintln!("{begin} with: cargo run --release --example ctrl_c FILE >> FILE");
    // The exit code of a program that Ctrl-C has ended.
    Ok(ExitCode::from(130))
}
