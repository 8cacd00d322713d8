//! Seeds of generators.

/// Mixes a `seed` and the `index` of an item into the seed of a generator.
///
/// The generators of two items then have nothing to do with each other, although their indices are
/// close. This is for generators that are made of a number. One that has streams, as `ChaCha` or
/// PCG, can have `index` as its stream instead.
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
/// The mixing function is the one of `SplitMix64` (G. L. Steele, D. Lea, C. H. Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014), with the multipliers that D. Stafford
/// found.
#[must_use]
pub fn seed(seed: u64, index: usize) -> u64 {
    // The fractional parts of the golden ratio and of the square root of 2. Any two numbers would
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
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ten_million_seeds_do_not_collide() {
        const BITS: u32 = 28;
        fn visit_all(mut visit: impl FnMut(u64)) {
            for number in 0..100 {
                let first = number << (number % 57);
                (0..100_000).for_each(|index| visit(seed(first, index)));
            }
        }
        let place = |mixed: u64| {
            let start = mixed >> (64 - BITS);
            ((start >> 6) as usize, 1_u64 << (start & 63))
        };
        // First those that agree in some bits, which are few.
        let mut seen = vec![0; 1 << (BITS - 6)];
        let mut alike = seen.clone();
        visit_all(|mixed| {
            let (word, bit) = place(mixed);
            alike[word] |= seen[word] & bit;
            seen[word] |= bit;
        });
        let mut unique = HashSet::new();
        visit_all(|mixed| {
            let (word, bit) = place(mixed);
            assert!(alike[word] & bit == 0 || unique.insert(mixed));
        });
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
        assert_eq!(seed(0, 0), 0x5EDA_5B6B_1212_23A4);
        assert_eq!(seed(0, 1), 0xDD37_7398_C841_3122);
        assert_eq!(seed(1, 0), 0xF3DF_08B6_976D_37F9);
        assert_eq!(seed(u64::MAX, u32::MAX as usize), 0xA3AD_6B23_AB95_E0EE);
    }
}
