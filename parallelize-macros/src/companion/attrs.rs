//! Which attributes of the function the companion has too.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Ident, Meta, Token, punctuated::Punctuated};

/// What says who may use the function, and which lints it is excused from. Linkage, inlining, tests and documentation
/// are matters of the function alone.
pub(super) fn travelling(attrs: &[Attribute]) -> TokenStream {
    kept(
        attrs,
        &["cfg", "allow", "deprecated", "must_use", "target_feature"],
    )
}

/// Those of what calls the function and is not called itself.
pub(super) fn excusing(attrs: &[Attribute]) -> TokenStream {
    kept(attrs, &["cfg", "allow"])
}

/// Those with these `names`, in the form in which they go along.
fn kept(attrs: &[Attribute], names: &[&str]) -> TokenStream {
    let metas = attrs.iter().filter_map(|attr| travels(&attr.meta, names));
    let travelling: TokenStream = metas.map(|meta| quote!(#[#meta])).collect();
    // A deprecated function may not even call a deprecated other.
    let deprecated = attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    quote!(#travelling #allow)
}

/// The form in which `meta` goes along.
fn travels(meta: &Meta, names: &[&str]) -> Option<TokenStream> {
    let path = meta.path();
    let is = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
    match meta {
        _ if is(names) => Some(meta.to_token_stream()),
        // The companion has no lint to expect.
        Meta::List(list) if is(&["expect"]) => {
            let lints = &list.tokens;
            Some(quote!(allow(#lints)))
        }
        Meta::List(list) if is(&["doc"]) => list
            .parse_args::<Ident>()
            .is_ok_and(|word| word == "hidden")
            .then(|| meta.to_token_stream()),
        Meta::List(list) if is(&["cfg_attr"]) => {
            let parts = list
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()?;
            let mut parts = parts.iter();
            let predicate = parts.next()?;
            let travelling: Vec<TokenStream> =
                parts.filter_map(|part| travels(part, names)).collect();
            (!travelling.is_empty()).then(|| quote!(cfg_attr(#predicate, #(#travelling),*)))
        }
        _ => None,
    }
}
