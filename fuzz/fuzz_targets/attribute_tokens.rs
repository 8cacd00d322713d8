//! The attribute on arbitrary tokens: it never panics, and it always keeps the item.
#![cfg_attr(fuzzing, no_main)]

// A macro cannot be linked, so its stages are compiled into this program.
#[path = "../../parallelize-macros/src/stress/case.rs"]
mod case;
#[path = "../../parallelize-macros/src/check/mod.rs"]
mod check;
#[path = "../../parallelize-macros/src/companion/mod.rs"]
mod companion;
#[path = "../../parallelize-macros/src/errors.rs"]
mod errors;
#[path = "../../parallelize-macros/src/expand.rs"]
mod expand;
#[path = "../../parallelize-macros/src/fallback.rs"]
mod fallback;
#[path = "../../parallelize-macros/src/options.rs"]
mod options;
#[path = "../support/program.rs"]
mod program;
#[path = "../../parallelize-macros/src/signature/mod.rs"]
mod signature;

use std::str::{self, FromStr};

use arbitrary::Unstructured;
use case::Choices;
use proc_macro2::TokenStream;

program::fuzz!(fuzz);

/// Bounds how deeply groups nest in text. Behind it, the parser of any macro overflows the stack.
const MAX_DEPTH: usize = 32;

impl Choices for Unstructured<'_> {
    fn below(&mut self, end: usize) -> usize {
        self.int_in_range(0..=end.max(1) - 1).unwrap_or(0)
    }
}

fn fuzz(bytes: &[u8]) {
    // All text that was parsed is kept for its spans, and a fuzzer parses without an end.
    proc_macro2::extra::invalidate_current_thread_spans();
    match bytes.split_first() {
        Some((0, text)) => text_case(text),
        Some((_, choices)) => {
            let (args, item) = case::any_case(&mut Unstructured::new(choices));
            case::check(&args, &item);
        }
        None => (),
    }
}

/// Checks `text`: the arguments, a zero, and the item.
fn text_case(text: &[u8]) {
    let Some((args, item)) = str::from_utf8(text)
        .ok()
        .and_then(|text| text.split_once('\0'))
    else {
        return;
    };
    let is_flat = |text: &str| {
        text.matches(['(', '[', '{', '<', '&', '!', '-', '*'])
            .count()
            < MAX_DEPTH
    };
    if !is_flat(args) || !is_flat(item) {
        return;
    }
    if let (Ok(args), Ok(item)) = (TokenStream::from_str(args), TokenStream::from_str(item)) {
        case::check(&args, &item);
    }
}
