//! Finds the capacitance of a cube by random walks: a mean with its confidence interval, the same
//! on any number of threads and on any machine.
//!
//! No formula for this capacitance is known, but others have computed it. The example draws how
//! the mean approaches their value, by default into `target/monte_carlo.svg`:
//!
//! ```console
//! cargo run --release --example monte_carlo [picture.svg]
//! ```

mod convergence;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use parallelize::parallel;

/// The capacitance of a cube with sides of length 1, where that of a ball is its radius.
///
/// Hwang and Mascagni, "Electrical capacitance of the unit cube" (2004).
const KNOWN: f64 = 0.660_678_2;

const SEED: u64 = 1;

/// A walk ends when it is this close to the cube.
const SKIN: f64 = 1e-5;

/// Returns the distance from the middle of the cube to the place where a walk from infinity meets
/// its surface. The mean over all walks is the capacitance.
///
/// Space is turned inside out: a point at distance `r` from the middle stands at `1 / r` (the
/// Kelvin transform). So infinity is the origin, and what is outside of the cube is a room around
/// it. The walk jumps to a random point of a sphere around it that lies in this room, again and
/// again (Muller, "Some continuous Monte Carlo methods for the Dirichlet problem", 1956).
#[parallel(each(rng = |walk| Rng::with_seed(parallelize::seed(seed, walk))))]
fn landing(_walk: u32, rng: &mut Rng, _seed: u64) -> f64 {
    let half_diagonal = 0.75_f64.sqrt();
    let mut place = [0.0; 3];
    let mut radius = 1.0 / half_diagonal;
    loop {
        let step = direction(rng);
        place = [0, 1, 2].map(|axis| place[axis] + radius * step[axis]);
        let distance = 1.0 / length(place);
        let beyond_face = place.map(|x| (x.abs() * distance * distance - 0.5).max(0.0));
        let gap = length(beyond_face);
        if gap < SKIN {
            return distance;
        }
        // No point of the cube is further from the middle than half a diagonal.
        radius = gap / (distance * half_diagonal);
    }
}

fn length(vector: [f64; 3]) -> f64 {
    vector.map(|x| x * x).iter().sum::<f64>().sqrt()
}

/// Returns a random vector of length 1 (Marsaglia, 1972). Unlike sines, its operations are rounded
/// in the same way on all machines.
fn direction(rng: &mut Rng) -> [f64; 3] {
    loop {
        let (u, v) = (2.0 * rng.f64() - 1.0, 2.0 * rng.f64() - 1.0);
        let square = u * u + v * v;
        if square < 1.0 {
            let w = 2.0 * (1.0 - square).sqrt();
            return [u * w, v * w, 1.0 - 2.0 * square];
        }
    }
}

/// The mean of some numbers, and how much they scatter.
#[derive(Clone, Copy, Default)]
struct Statistics {
    count: f64,
    mean: f64,
    /// The sum of the squared deviations from the mean.
    squares: f64,
}

impl Statistics {
    /// Adds a number (Welford, 1962).
    fn add(self, x: f64) -> Self {
        let count = self.count + 1.0;
        let mean = self.mean + (x - self.mean) / count;
        let squares = self.squares + (x - self.mean) * (x - mean);
        Self {
            count,
            mean,
            squares,
        }
    }

    /// Returns the statistics of two sets of numbers together (Chan and others, 1979).
    fn merge(self, other: Self) -> Self {
        let count = self.count + other.count;
        let apart = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + apart * other.count / count,
            squares: self.squares
                + other.squares
                + apart * apart * self.count * other.count / count,
        }
    }

    /// Returns half the width of the interval that holds the true mean in 95 of 100 cases.
    fn margin(&self) -> f64 {
        1.96 * (self.squares / (self.count - 1.0) / self.count).sqrt()
    }
}

/// Returns the statistics of this many walks. No `Vec` holds their results.
fn estimate(walks: u32, threads: usize) -> Statistics {
    landing_job(0..walks, SEED).threads(threads).fold(
        Statistics::default,
        Statistics::add,
        Statistics::merge,
    )
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("   walks   capacitance   95 % interval");
    let mut estimates = Vec::new();
    // A walk has the same random numbers in each of these jobs, since they depend on its number.
    for walks in (8..=18).map(|power| 1 << power) {
        let estimate = estimate(walks, 0);
        let (mean, margin) = (estimate.mean, estimate.margin());
        println!("{walks:>8}      {mean:.6}      ± {margin:.6}");
        estimates.push(estimate);
    }
    println!("   known      {KNOWN:.6}");

    let bits = |threads| estimate(100_000, threads).mean.to_bits();
    let (one, eight) = (bits(1), bits(8));
    if one != eight {
        return Err(format!("1 thread gives the bits {one:x}, and 8 threads {eight:x}").into());
    }
    println!("1 thread and 8 threads give the same bits: {one:x}");

    let path = env::args_os().nth(1);
    let path = path.map_or_else(|| PathBuf::from("target/monte_carlo.svg"), PathBuf::from);
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    convergence::draw(&path, &estimates)?;
    println!("{}", path.display());
    Ok(())
}
