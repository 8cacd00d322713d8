//! The work of an item, as a crate for Rust and as a shared library for Python: all contenders run
//! the same machine code.

/// Computes `steps` steps of a random number generator, Marsaglia's xorshift.
// SAFETY: nothing else that is linked has this name. Python finds the function by it.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn spin(seed: u64, steps: u64) -> u64 {
    let mut state = seed | 1 << 32;
    for _ in 0..steps {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    state
}
