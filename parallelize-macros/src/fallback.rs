//! Emits the function without companions if there was an error.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::Error;

/// Emits the item unchanged beside the error, so that its callers do not fail, too.
pub(crate) fn emit(item: &TokenStream, error: &Error) -> TokenStream {
    let errors = without_path(error.to_compile_error());
    quote!(#item #errors)
}

/// Returns `::core::compile_error!` as `compile_error!`: in edition 2015, such a path begins at the
/// root of the user's crate.
fn without_path(tokens: TokenStream) -> TokenStream {
    let is_path = |token: &TokenTree| match token {
        TokenTree::Punct(punct) => punct.as_char() == ':',
        TokenTree::Ident(ident) => ident == "core",
        _ => false,
    };
    tokens.into_iter().filter(|token| !is_path(token)).collect()
}
