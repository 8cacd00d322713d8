//! Prices of Asian options over a grid of strikes and volatilities, by Monte Carlo.
//!
//! The share price follows the geometric Brownian motion of Black and Scholes (1973). The option
//! pays the difference between the mean of its monthly prices and the strike, if that is positive.
//! Such a mean has no closed formula (Kemna and Vorst, 1990), so random paths are drawn (Boyle,
//! 1977). Normal numbers come from the transform of Box and Muller (1958).

use std::f64::consts::TAU;

use fastrand::Rng;
use parallelize::parallel;

/// The market, common to all options on the grid.
pub(crate) struct Market {
    spot: f64,
    rate: f64,
    years: f64,
    /// The number of days, evenly spread over the years, whose price enters the mean.
    fixings: u32,
    paths: u32,
    seed: u64,
}

pub(crate) const MARKET: Market = Market {
    spot: 100.0,
    rate: 0.03,
    years: 1.0,
    fixings: 12,
    paths: 5000,
    seed: 1973,
};

/// Yields strikes from 80 to 120, each with volatilities from 10 to 50 percent.
pub(crate) fn grid() -> impl Iterator<Item = (f64, f64)> + Send {
    (80..=120).step_by(2).flat_map(|strike| {
        (10..=50)
            .step_by(5)
            .map(move |percent| (f64::from(strike), f64::from(percent) / 100.0))
    })
}

/// Returns the fair price today.
///
/// Every item starts from the same seed. So the result depends only on the arguments, and
/// neighbours on the grid share their random numbers.
#[parallel]
pub(crate) fn asian_call((strike, volatility): (f64, f64), market: &Market) -> f64 {
    let mut rng = Rng::with_seed(market.seed);
    let interval = market.years / f64::from(market.fixings);
    let drift = (market.rate - volatility * volatility / 2.0) * interval;
    let spread = volatility * interval.sqrt();

    let mut payoffs = 0.0;
    for _ in 0..market.paths {
        let mut price = market.spot;
        let mut sum = 0.0;
        for _ in 0..market.fixings {
            price *= (drift + spread * normal(&mut rng)).exp();
            sum += price;
        }
        payoffs += (sum / f64::from(market.fixings) - strike).max(0.0);
    }
    (-market.rate * market.years).exp() * payoffs / f64::from(market.paths)
}

/// Returns a standard normal number.
fn normal(rng: &mut Rng) -> f64 {
    // `f64` draws from 0 (included) to 1 (excluded). The logarithm of 0 is not finite.
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (TAU * rng.f64()).cos()
}
