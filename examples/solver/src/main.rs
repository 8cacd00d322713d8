//! Sweeps a solver over all its parameters, though it crashes for some of them and hangs for
//! others. Prints what became of the points, and draws a map of them.
//!
//! ```console
//! cargo run --release --features processes --bin solver [points on each axis] [picture]
//! ```
//!
//! The solver, `gas.c`, computes the volume of a gas. Other processes call it, one on each core. A
//! point that ends its process costs itself and no other point.

mod picture;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::ffi::c_double;
use std::time::{Duration, Instant};

use parallelize::{Outcome, parallel};

unsafe extern "C" {
    fn gas_volume(temperature: c_double, pressure: c_double) -> c_double;
}

/// Returns the volume of a gas. All numbers are in units of the critical point.
#[parallel(cluster, grid(temperature, pressure))]
fn volume(temperature: f64, pressure: f64) -> f64 {
    // SAFETY: a process evaluates one point at a time, so no other thread uses the global variables
    // of the solver. Where the solver writes outside of its table, that ends the process.
    unsafe { gas_volume(temperature, pressure) }
}

const TEMPERATURES: (f64, f64) = (0.7, 1.1);
const PRESSURES: (f64, f64) = (0.25, 1.15);

/// Bounds the time of a point. Most take microseconds, but the machine may be busy.
const TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> Result<(), Box<dyn Error>> {
    let _processes = parallelize::processes::join();

    let mut arguments = env::args().skip(1);
    let count = arguments.next().map_or(Ok(40), |count| count.parse())?;
    let path = arguments.next().unwrap_or("target/solver.svg".to_owned());

    let [temperatures, pressures] = [TEMPERATURES, PRESSURES].map(|ends| axis(ends, count));
    let begun = Instant::now();
    let outcomes = volume_job(temperatures.clone(), pressures.clone())
        .processes(0)
        .timeout(TIMEOUT)
        .outcomes();
    let seconds = begun.elapsed().as_secs_f64();

    // In the order of the grid, where the pressure varies fastest.
    let points = temperatures.flat_map(|t| pressures.clone().map(move |p| (t, p)));
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for (point, outcome) in points.zip(&outcomes) {
        groups.entry(fate(outcome)).or_default().push(point);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, points)| Reverse(points.len()));

    println!("{} points in {seconds:.1} s\n", outcomes.len());
    println!("points  what became of them             for example at temperature, pressure");
    for (fate, points) in &groups {
        let (temperature, pressure) = points[0];
        let number = points.len();
        println!("{number:>6}  {fate:<30}  {temperature:.3}, {pressure:.3}");
    }
    picture::draw(&path, &groups, count)?;
    println!("\n{path}");
    Ok(())
}

/// Returns the middles of `count` equal parts between the ends.
fn axis((first, last): (f64, f64), count: u32) -> impl Iterator<Item = f64> + Clone {
    let part = (last - first) / f64::from(count);
    (0..count).map(move |i| first + (f64::from(i) + 0.5) * part)
}

/// Returns what became of a point, in words.
fn fate(outcome: &Outcome<f64>) -> String {
    match outcome {
        Outcome::Done(volume) if *volume < 1.0 => "liquid".to_owned(),
        Outcome::Done(_) => "gas".to_owned(),
        Outcome::Died(death) => death.cause.to_string(),
        Outcome::Panicked(panic) => panic.message().to_owned(),
        Outcome::Skipped => "skipped".to_owned(),
    }
}
