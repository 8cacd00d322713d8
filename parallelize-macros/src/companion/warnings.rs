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

/// Returns whether `value` gives a generator a seed that is the same for all workers: by a function
/// of the trait `SeedableRng` of the crate `rand`, or by `with_seed` of a type whose name ends with
/// `Rng`. A seed that is computed by a call may be another one each time.
fn is_seeded(value: TokenStream) -> bool {
    let (mut before, mut gives_seed) = (String::new(), false);
    value.into_iter().any(|token| match token {
        TokenTree::Group(group) if gives_seed => {
            let is_call = |token| matches!(token, TokenTree::Group(_));
            !group.stream().into_iter().any(is_call)
        }
        TokenTree::Group(group) => is_seeded(group.stream()),
        TokenTree::Ident(ident) => {
            let ident = ident.to_string();
            gives_seed = match ident.as_str() {
                "seed_from_u64" | "from_seed" => true,
                "with_seed" => before.ends_with("Rng"),
                _ => false,
            };
            before = ident;
            false
        }
        _ => false,
    })
}
