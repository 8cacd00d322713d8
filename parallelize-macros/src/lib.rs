//! The `#[parallel]` attribute of the `parallelize` crate, where it is documented.
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
use options::Options;
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
    match companion_of(args, item.clone(), cfg!(feature = "journal")) {
        Ok(companion) => quote!(#item #companion),
        Err(error) => fallback::emit(item, &error),
    }
}

/// The companions, with a job that can say what it is if `is_keyed`.
fn companion_of(args: TokenStream, item: TokenStream, is_keyed: bool) -> Result<TokenStream> {
    let source: SourceFn = syn::parse2(item)?;
    let mut errors = Errors::default();
    let options = Options::new(args, &mut errors);
    let signature = Signature::new(&options, &source, &mut errors);
    check::all(&options, &signature, &mut errors);
    errors.propagate()?;
    Ok(companion::emit(&options, &signature, is_keyed))
}
