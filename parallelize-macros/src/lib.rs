//! The `#[parallel]` attribute of the `parallelize` crate, which documents it.
//!
//! The stages: the attribute becomes `Options`, the function a `Signature`, both are checked,
//! and `companion` generates code from them. Each stage uses those before it.
#![forbid(unsafe_code)]

mod check;
mod companion;
mod errors;
mod fallback;
mod options;
mod signature;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod stress;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Result;

use errors::Errors;
use options::{Features, Options};
use signature::{Signature, SourceFn};

// Documented where it is re-exported: `parallelize::parallel`.
#[allow(missing_docs)]
#[proc_macro_attribute]
pub fn parallel(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let item = item.into();
    expand(args.into(), &item).into()
}

fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    match companions_of(args, item.clone(), Features::ENABLED) {
        Ok(companions) => quote!(#item #companions),
        Err(error) => fallback::emit(item, &error),
    }
}

/// Returns the companions of the function `item`.
fn companions_of(args: TokenStream, item: TokenStream, features: Features) -> Result<TokenStream> {
    let source: SourceFn = syn::parse2(item)?;
    let mut errors = Errors::default();
    let options = Options::new(args, &mut errors);
    let signature = Signature::new(&options, &source, &mut errors);
    check::all(&options, features, &signature, &mut errors);
    errors.propagate()?;
    Ok(companion::emit(&options, features, &signature))
}
