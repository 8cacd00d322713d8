//! The companions of random functions compile.
//!
//! All functions are well-typed, and all options fit them. They are compiled as one program, which
//! costs one start of the compiler. Their seed is fixed. `PARALLELIZE_STRESS_SEED=7` makes others.

mod function;
mod words;

use std::path::Path;
use std::{env, fs};

use function::function;

/// The number of functions.
const FUNCTIONS: usize = 200;

/// What all functions may use.
const PRELUDE: &str = "\
    #![allow(warnings)]\n\
    use std::{borrow::Cow, collections::BTreeMap, fmt::Debug, marker::PhantomData, ops::Range};\n\
    use std::{rc::Rc, sync::Arc};\n\
    use parallelize::parallel;\n\n\
    #[derive(Clone, Debug)]\npub struct Point { pub x: u64, pub y: String }\n\n\
    #[derive(Clone, Copy, Debug)]\npub struct Borrowed<'b>(pub &'b str);\n\n\
    pub trait Named { type Name: Clone + Send + Sync; }\n\
    impl Named for Point { type Name = String; }\n\n";

/// A pseudo-random generator (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % end as u64).expect("a remainder")
    }

    /// Returns whether something that happens once in `times` does.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

#[test]
fn companions_of_valid_functions_compile() {
    let seed = env::var("PARALLELIZE_STRESS_SEED").map(|seed| seed.parse().expect("a number"));
    let seed = seed.unwrap_or(0x9E37_79B9);
    println!("PARALLELIZE_STRESS_SEED={seed}");
    let mut random = Random(seed | 1 << 40);
    let mut program = PRELUDE.to_owned();
    for number in 0..FUNCTIONS {
        program += &function(number, &mut random);
    }
    program += "fn main() {}\n";
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random_functions.rs");
    fs::write(&path, program).expect("a file that can be written");
    trybuild::TestCases::new().pass(path);
}
