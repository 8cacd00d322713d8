//! The documentation of the companion.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use crate::signature::Signature;

pub(crate) fn lines(signature: &Signature<'_>) -> TokenStream {
    let name = signature.source.signature.ident.unraw();
    let path = if signature.is_associated() {
        format!("Self::{name}")
    } else {
        name.to_string()
    };
    let line = format!(" [`{name}`](fn@{path}) for each item, on all cores, in input order.");
    quote!(#[doc = #line])
}
