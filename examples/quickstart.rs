//! The first snippet of the README, word for word. `tests/readme.rs` checks that.

use parallelize::parallel;

/// A population after some years, as a share of the most that it could be: the logistic map.
#[parallel]
fn population(growth: f64, start: f64, years: u32) -> f64 {
    (0..years).fold(start, |size, _| growth * size * (1.0 - size))
}

fn main() {
    // The function itself is untouched.
    println!("{}", population(3.2, 0.5, 20_000));

    // A Vec<f64>: a result for each rate, in the order of the rates, from all cores.
    let rates = (0..1000).map(|i| 2.0 + f64::from(i) / 500.0);
    let sizes = population_parallel(rates, 0.5, 20_000);
    println!("{} populations, one of them {}", sizes.len(), sizes[600]);
}
