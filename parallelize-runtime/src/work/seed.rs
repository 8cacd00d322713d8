//! Seeds of generators.

/// Mixes a `seed` and the `index` of an item into the seed of a generator.
///
/// The generators of two items then have nothing to do with each other, although their indices are
/// close. This is for generators that are made of a number; one that has streams, as ChaCha or PCG,
/// can have `index` as its stream instead.
///
/// For one `seed`, no two indices give the same result, and for one `index` no two seeds do. Each
/// bit of the result depends on all bits of both numbers. The function stays as it is in all later
/// versions.
///
/// ```
/// // A random walk for each item: the same ones on any number of threads.
/// let ends = parallelize::job((0..100).enumerate(), |(index, start)| {
///     let mut rng = fastrand::Rng::with_seed(parallelize::seed(7, index));
///     start + (0..1_000).map(|_| rng.i32(-1..=1)).sum::<i32>()
/// });
/// assert_eq!(ends.collect().len(), 100);
/// ```
///
/// The mixing function is the one of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014), with the multipliers that D. Stafford found.
#[must_use]
pub fn seed(seed: u64, index: usize) -> u64 {
    // The fractional parts of the golden ratio and of the square root of 2: any two numbers do that
    // keep an index apart from an equal seed.
    const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
    const INDEX: u64 = 0x6A09_E667_F3BC_C909;
    let seed = mix(seed.wrapping_add(SEED));
    let index = mix((index as u64).wrapping_add(INDEX));
    mix(seed ^ index)
}

/// A bijection in which each bit of the result depends on all bits.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn seeds_do_not_collide() {
        const SEEDS: u64 = 100;
        const INDICES: usize = 100_000;
        // Sorted in parts, so that each fits into a cache.
        let mut parts = vec![Vec::new(); 1 << 12];
        for first in (0..SEEDS).map(|first| first << (first % 60)) {
            for index in 0..INDICES {
                let mixed = seed(first, index);
                parts[(mixed >> 52) as usize].push(mixed);
            }
        }
        for part in &mut parts {
            part.sort_unstable();
            assert!(part.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }

    #[test]
    fn each_bit_depends_on_all_bits() {
        const SAMPLES: u32 = 2_000;
        for bit in 0..64 {
            let mut flips = [[0_u32; 64]; 2];
            for sample in 0..SAMPLES {
                let (first, index) = (u64::from(sample) * 17, sample as usize);
                let mixed = seed(first, index);
                let others = [seed(first ^ 1 << bit, index), seed(first, index ^ 1 << bit)];
                for (flips, other) in flips.iter_mut().zip(others) {
                    for (at, flips) in flips.iter_mut().enumerate() {
                        *flips += u32::from((mixed ^ other) >> at & 1 == 1);
                    }
                }
            }
            // A fair coin is outside of this once in a million.
            let are_fair = |flips: u32| flips.abs_diff(SAMPLES / 2) < 120;
            assert!(
                flips.iter().flatten().all(|flips| are_fair(*flips)),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn seeds_stay_as_they_are() {
        let seeds = [(0, 0), (0, 1), (1, 0), (u64::MAX, usize::MAX)].map(|(a, b)| seed(a, b));
        assert_eq!(seeds, [0; 4]);
    }
}
