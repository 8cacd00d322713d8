//! The README's first snippet, word for word. `tests/readme.rs` holds the two together.

use parallelize::parallel;

/// The size of a population after so many years, as a share of what its habitat feeds: the logistic map.
#[parallel]
fn population(growth: f64, start: f64, years: u32) -> f64 {
    (0..years).fold(start, |size, _| growth * size * (1.0 - size))
}

fn main() {
    let rates: Vec<f64> = (0..1000).map(|i| 2.0 + f64::from(i) / 500.0).collect();

    let one = population(rates[400], 0.5, 20_000); // the function itself is untouched
    let all = population_parallel(rates, 0.5, 20_000); // a Vec<f64>, in input order, on all cores

    assert_eq!(all[400].to_bits(), one.to_bits());
    println!("{} populations; the first is {:.3}", all.len(), all[0]);
}
