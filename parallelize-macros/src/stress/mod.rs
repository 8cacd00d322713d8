//! Puts the attribute on random items: it never panics, and it always keeps the item.
//!
//! The fuzz target `attribute_tokens` makes the same checks on what a fuzzer chooses.

mod case;

use case::{Choices, any_case, check, plain_case};

/// A pseudo-random generator (Marsaglia's xorshift).
struct Random(u64);

impl Choices for Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).expect("a remainder")
    }
}

#[test]
fn any_item_and_any_attribute() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..5_000 {
        let (args, item) = if round < 200 {
            plain_case(&mut random)
        } else {
            any_case(&mut random)
        };
        check(&args, &item);
    }
}
