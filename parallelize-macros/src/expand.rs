//! The stages of an expansion, one after the other.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Result;

use crate::check;
use crate::companion;
use crate::errors::Errors;
use crate::fallback;
use crate::options::{Features, Options};
use crate::signature::{Signature, SourceFn};

/// Returns the `item` with its companions, or with the errors.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    match companions_of(args, item.clone(), Features::ENABLED) {
        Ok(companions) => quote!(#item #companions),
        Err(error) => fallback::emit(item, &error),
    }
}

/// Returns the companions of the function `item`.
pub(crate) fn companions_of(
    args: TokenStream,
    item: TokenStream,
    features: Features,
) -> Result<TokenStream> {
    let source: SourceFn = syn::parse2(item)?;
    let mut errors = Errors::default();
    let options = Options::new(args, &mut errors);
    let signature = Signature::new(&options, &source, &mut errors);
    check::all(&options, features, &signature, &mut errors);
    errors.propagate()?;
    Ok(companion::emit(&options, features, &signature))
}
