//! The two ways to run a program: by a fuzzer, and without one.

/// Makes the program of `$fuzz`, which takes the bytes of one input.
///
/// With `cfg(fuzzing)`, a fuzzer calls it. Without it, the program takes paths of inputs, such as
/// the ones that a fuzzer has found, so that they can be repeated with any compiler.
macro_rules! fuzz {
    ($fuzz:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $fuzz(bytes));

        #[cfg(not(fuzzing))]
        fn main() {
            for path in std::env::args_os().skip(1) {
                $fuzz(&std::fs::read(&path).expect("a file that can be read"));
            }
        }
    };
}

pub(crate) use fuzz;
