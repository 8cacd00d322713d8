//! Runs a model of predators and their prey over a grid of parameters. The results become an
//! `ndarray::Array2` and a heat map, by default in `target/sweep.svg`:
//!
//! ```console
//! cargo run --release --example sweep [picture.svg]
//! ```
//!
//! Theory says where the predators starve, where both numbers come to rest, and where both swing
//! for ever. More food makes them swing: the paradox of enrichment (Rosenzweig, 1971).

mod heat_map;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2};
use parallelize::parallel;

/// Returns how far the number of prey swings in the end, as a share of `capacity`: the number that
/// could live without predators.
#[parallel(grid(mortality, capacity))]
fn swing(mortality: f64, capacity: f64, steps: u32) -> f64 {
    let slope = |[prey, predators]: [f64; 2]| {
        let eaten = predators * prey / (1.0 + prey);
        let born = prey * (1.0 - prey / capacity);
        [born - eaten, eaten - mortality * predators]
    };
    let mut numbers = [capacity / 2.0, 0.5];
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for step in 0..steps {
        numbers = runge_kutta(slope, numbers, 0.1);
        // The first half leads to where the numbers stay.
        if step >= steps / 2 {
            least = least.min(numbers[0]);
            most = most.max(numbers[0]);
        }
    }
    (most - least) / capacity
}

/// Takes a step of the classical method of fourth order.
fn runge_kutta(slope: impl Fn([f64; 2]) -> [f64; 2], y: [f64; 2], time: f64) -> [f64; 2] {
    let ahead = |slope: [f64; 2], time: f64| [0, 1].map(|i| y[i] + time * slope[i]);
    let first = slope(y);
    let second = slope(ahead(first, time / 2.0));
    let third = slope(ahead(second, time / 2.0));
    let last = slope(ahead(third, time));
    let mean = [0, 1].map(|i| (first[i] + 2.0 * second[i] + 2.0 * third[i] + last[i]) / 6.0);
    ahead(mean, time)
}

/// Returns the capacity from which on the predators find enough prey.
fn feeds(mortality: f64) -> f64 {
    mortality / (1.0 - mortality)
}

/// Returns the capacity from which on both numbers swing.
fn unsettles(mortality: f64) -> f64 {
    1.0 + 2.0 * feeds(mortality)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mortalities = Array1::linspace(0.1, 0.7, 61);
    let capacities = Array1::linspace(0.1, 6.0, 119);

    let swings = swing_parallel(mortalities.to_vec(), capacities.to_vec(), 8_000);
    // The last argument varies fastest, as in an array. So this copies nothing.
    let swings = Array2::from_shape_vec((mortalities.len(), capacities.len()), swings)?;

    let agreeing = swings.indexed_iter().filter(|&((row, column), &swing)| {
        (capacities[column] > unsettles(mortalities[row])) == (swing > 0.01)
    });
    println!(
        "The theory agrees at {} of {} points. At the others, the numbers settle slowly.",
        agreeing.count(),
        swings.len()
    );
    let most = swings.iter().copied().fold(0.0, f64::max);
    println!(
        "The prey swings by up to {:.0} % of its capacity.",
        100.0 * most
    );

    let path = env::args_os().nth(1);
    let path = path.map_or_else(|| PathBuf::from("target/sweep.svg"), PathBuf::from);
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    heat_map::draw(&path, &mortalities, &capacities, &swings)?;
    println!("{}", path.display());
    Ok(())
}
