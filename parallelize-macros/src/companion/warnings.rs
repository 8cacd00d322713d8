//! Warns of what compiles and is most likely a mistake. A macro cannot warn by itself: so generated
//! code mentions something deprecated, which `#[allow(deprecated)]` silences.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::tokens::{at, private_path};
use crate::signature::Signature;

/// Warns of each local that is a generator with a fixed seed. All workers would draw the same
/// numbers from it.
pub(super) fn seeded_locals(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let seeded = signature
        .locals()
        .filter(|(_, value)| is_seeded(value.to_token_stream()));
    let warnings = seeded.map(|(param, value)| {
        let cfgs = param.cfgs();
        let warning = private_path(at(value), private, &["SEEDED_LOCAL"]);
        quote!(#(#cfgs)* let () = #warning;)
    });
    warnings.collect()
}

/// Returns whether `value` calls a function by which generators get a seed: one of the trait
/// `SeedableRng` of the crate `rand`, or `with_seed` of a type whose name ends with `Rng`.
fn is_seeded(value: TokenStream) -> bool {
    let mut before = String::new();
    value.into_iter().any(|token| match token {
        TokenTree::Group(group) => is_seeded(group.stream()),
        TokenTree::Ident(ident) => {
            let ident = ident.to_string();
            let is_seeded = match ident.as_str() {
                "seed_from_u64" | "from_seed" => true,
                "with_seed" => before.ends_with("Rng"),
                _ => false,
            };
            before = ident;
            is_seeded
        }
        _ => false,
    })
}
