//! Selects the attributes of the function that its companions have, too.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Ident, Meta, Token, punctuated::Punctuated};

/// Returns the attributes of a companion: those about how the function is used, and those that
/// allow lints.
///
/// Linkage, inlining, tests and documentation concern the function alone.
pub(super) fn inherited(attrs: &[Attribute]) -> TokenStream {
    selected(
        attrs,
        &["cfg", "allow", "deprecated", "must_use", "target_feature"],
    )
}

/// Returns the attributes of generated code that calls the function and has no callers.
pub(super) fn lint_attrs(attrs: &[Attribute]) -> TokenStream {
    selected(attrs, &["cfg", "allow"])
}

/// Returns the attributes with these `names`, in the form that generated code has.
fn selected(attrs: &[Attribute], names: &[&str]) -> TokenStream {
    let metas = attrs.iter().filter_map(|attr| form(&attr.meta, names));
    let selected: TokenStream = metas.map(|meta| quote!(#[#meta])).collect();
    // A call of a deprecated function warns, even in a deprecated one.
    let deprecated = attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    quote!(#selected #allow)
}

/// Returns the form of `meta` in generated code, if it is selected by `names`.
fn form(meta: &Meta, names: &[&str]) -> Option<TokenStream> {
    let path = meta.path();
    let is = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
    match meta {
        _ if is(names) => Some(meta.to_token_stream()),
        // The lint may not fire in generated code.
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
            let parts: Vec<_> = parts.filter_map(|part| form(part, names)).collect();
            (!parts.is_empty()).then(|| quote!(cfg_attr(#predicate, #(#parts),*)))
        }
        _ => None,
    }
}
