//! Spans, and tokens that more than one emitter needs.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use crate::{
    options::Combine,
    signature::{
        Signature,
        opaque::is_opaque,
        params::{Param, Role},
    },
};

/// Returns the place of `node`, for generated tokens. Variables among them are hygienic.
pub(super) fn at(node: &impl Spanned) -> Span {
    Span::mixed_site().located_at(node.span())
}

/// Returns the path to an item of `__private`, with all tokens at `span`.
pub(super) fn private_path(span: Span, private: &TokenStream, path: &[&str]) -> TokenStream {
    let path = path.iter().map(|name| Ident::new(name, span));
    let path = quote_spanned!(span=> #private #(::#path)*);
    let tokens = path.into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    tokens.collect()
}

/// Returns `tokens`, where errors about those outside of groups show at `span`.
pub(super) fn relocated(tokens: TokenStream, span: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    tokens.collect()
}

/// Returns `ty`, or `_` if it may not be written again.
pub(super) fn spelled(ty: &Type) -> TokenStream {
    if is_opaque(ty) {
        quote!(_)
    } else {
        ty.to_token_stream()
    }
}

/// Returns the function that clones a `ty`. It spells the type, so that an error shows there.
pub(super) fn clone(ty: &Type) -> TokenStream {
    let ty = spelled(ty);
    quote!(<#ty as ::core::clone::Clone>::clone)
}

/// Returns a generated variable. One underscore keeps it apart from [`inner_name`], which has two.
pub(super) fn temporary(name: &str) -> Ident {
    format_ident!("_{name}", span = Span::mixed_site())
}

/// Returns the generated variable for the value of an argument. It cannot be a variable of the
/// user, since it is hygienic.
pub(super) fn inner_name(param: &Param<'_>) -> Ident {
    // If a value that is made has the wrong type, the error shows at the value.
    let span = match param.role {
        Role::Local(Some(value)) | Role::Each(Some(value)) => at(value),
        _ => Span::mixed_site(),
    };
    format_ident!("__{}", param.name, span = span)
}

/// Returns what the function gets for an argument: its value, or what an item that may be an owner
/// lends.
pub(super) fn given(param: &Param<'_>, private: &TokenStream) -> TokenStream {
    let value = inner_name(param).into_token_stream();
    if param.accepts_owners() {
        let ty = &param.ty;
        quote!(#private::Item::<#ty>::item(#value))
    } else {
        value
    }
}

/// Takes `params` out of `all`, where they are nested so that each can have a `cfg`. The last one
/// is the outermost.
pub(super) fn unpack<'p>(
    all: &Ident,
    params: impl DoubleEndedIterator<Item = &'p Param<'p>>,
) -> TokenStream {
    let taken = params.rev().map(|param| {
        let (cfgs, name) = (param.cfgs(), inner_name(param));
        quote!(#(#cfgs)* let (#all, #name) = #all;)
    });
    taken.collect()
}

/// Returns what `part` gives for each varying argument, nested as the items are.
pub(super) fn nest(
    signature: &Signature<'_>,
    part: impl FnMut(&Param<'_>) -> TokenStream,
) -> TokenStream {
    let parts = signature.varying().into_iter().map(part);
    let pair = |left, right| quote!((#left, #right));
    match signature.combine {
        Combine::One | Combine::Zip => parts.reduce(pair),
        Combine::Grid => parts.rev().reduce(|right, left| pair(left, right)),
    }
    .unwrap_or_default()
}

/// Returns the pattern of one item, and the expression for it.
pub(super) fn item(signature: &Signature<'_>) -> TokenStream {
    let item = nest(signature, |param| inner_name(param).into_token_stream());
    if signature.has_positions() {
        let position = position();
        quote!((#position, #item))
    } else {
        item
    }
}

/// Returns the variable for the position of an item.
pub(super) fn position() -> Ident {
    temporary("position")
}

/// Replaces `self` by `name` everywhere in `tokens`.
pub(super) fn rename_self(tokens: &TokenStream, name: &Ident) -> TokenStream {
    let renamed = tokens.clone().into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "self" => name.clone().into(),
        TokenTree::Group(group) => {
            let mut renamed = Group::new(group.delimiter(), rename_self(&group.stream(), name));
            renamed.set_span(group.span());
            renamed.into()
        }
        token => token,
    });
    renamed.collect()
}
