#![deny(deprecated)]

use parallelize::parallel;

struct Rng(u64);

impl Rng {
    fn with_seed(seed: u64) -> Self {
        Self(seed)
    }
}

#[parallel(local(rng = Rng::with_seed(7)))]
fn draw(x: u64, rng: &mut Rng) -> u64 {
    rng.0 += x;
    rng.0
}

#[allow(deprecated)]
#[parallel(local(rng = Rng::with_seed(7)))]
fn on_purpose(x: u64, rng: &mut Rng) -> u64 {
    rng.0 = x;
    rng.0
}

fn main() {}
