//! The call into the runtime, which makes a job. The companion that returns one consists of it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Type;

use super::{
    closures, constants,
    output::Output,
    tokens::{clone, given, inner_name, nest},
};
use crate::{
    options::{Combine, Options},
    signature::{
        Signature,
        lifetimes::may_hide,
        opaque::is_opaque,
        params::{Param, Role, reference},
    },
};

// Output:
//     companion(
//         &PROFILE,
//         seed,
//         move || ((), steps),
//         |_| (),
//         |constants, (), item| { let ((), steps) = constants(); simulate(item, steps) },
//     )
//     .threads(4)
//     .keyed(..)
pub(super) fn job(
    options: &Options,
    signature: &Signature<'_>,
    output: &Output,
    private: &TokenStream,
    extras: &impl ToTokens,
) -> TokenStream {
    let mut items = items(signature, private);
    if signature.has_positions() {
        let iter = quote!(::core::iter::IntoIterator::into_iter(#items));
        items = quote!(::core::iter::Iterator::enumerate(#iter));
    }
    let constants = constants::held(signature);
    let values = constants::values(signature);
    let own = |param: &Param<'_>| inner_name(param).into_token_stream();
    let argument = |param: &Param<'_>| given(param, private);
    // A name that can be captured is not bound again, since a lint about shadowing could fire.
    let bound = |param: &Param<'_>| {
        let is_named_anew = param.name == signature.source.signature.ident;
        (param.is_cloned() || is_named_anew).then(|| own(param))
    };
    let local = closures::local(signature, &values, bound);
    // Each item has its own value, and the function gets that. So another one is made of it.
    let bound = |param: &Param<'_>| {
        let value = bound(param)?;
        Some(if param.is_cloned() {
            let clone = clone(&param.ty);
            quote!(#clone(&#value))
        } else {
            value
        })
    };
    let apply = closures::apply(signature, private, &values, argument, bound);
    let within = within(signature, private);
    let result = output.result();
    let threads = options.threads.iter();
    quote! {
        #private::companion::<_, _, _, _, _, #result>(
            {
                // In a block of its own, so that it hides no other `PROFILE`.
                static PROFILE: #private::Profile = #private::Profile::new();
                &PROFILE
            },
            #items,
            #constants,
            #local,
            #apply,
        )
        #within
        #extras
        #(.threads(#threads))*
    }
}

/// Tells what the items point to, so that the runtime knows an iterator over a slice.
fn within(signature: &Signature<'_>, private: &TokenStream) -> Option<TokenStream> {
    let [param] = &*signature.varying() else {
        return None;
    };
    let pointee = match &*reference(&param.ty)?.elem {
        Type::Slice(slice) => &slice.elem,
        // Several bounds of an object stand in parentheses behind a `&` only.
        Type::Paren(paren) => &paren.elem,
        pointee => pointee,
    };
    let is_known = !signature.has_positions() && !is_opaque(pointee);
    is_known.then(|| quote!(.within(#private::Pointee::<#pointee>::new().__slices())))
}

/// Returns the iterable of the call's items.
fn items(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let varying = signature.varying();
    let mut names = varying.iter().map(|param| &param.name);
    match signature.combine {
        Combine::One => names.next().to_token_stream(),
        // zip((zip((a, "a"), (b, "b")), "a"), (c, "c"))
        Combine::Zip => {
            let arguments = names.map(|name| (name.to_token_stream(), name.to_string()));
            let zipped = arguments.reduce(|(left, known), (right, name)| {
                (
                    quote!(#private::zip((#left, #known), (#right, #name))),
                    known,
                )
            });
            zipped.unwrap_or_default().0
        }
        // grid(a, |a| Clone::clone(a), grid(axis(b), |b| Clone::clone(b), c))
        Combine::Grid => {
            let last = names.next_back().to_token_stream();
            let outer = varying.iter().enumerate().rev().skip(1);
            outer.fold(last, |columns, (rank, param)| {
                let (name, item) = (&param.name, inner_name(param));
                let clone = if param.accepts_owners() {
                    quote!(::core::clone::Clone::clone)
                } else {
                    clone(&param.ty)
                };
                let rows = if rank == 0 {
                    quote!(#name)
                } else {
                    quote!(#private::axis(#name))
                };
                quote!(#private::grid(#rows, |#item| #clone(#item), #columns))
            })
        }
    }
}

/// Returns the type of one item for the signature: as the user spells it, if that can be written
/// again. What may hide a lifetime cannot, since the error would be reported again.
pub(super) fn item_type(signature: &Signature<'_>) -> TokenStream {
    let names: Vec<String> = signature.type_names().collect();
    let is_spelled = |param: &Param<'_>| {
        !param.accepts_owners() && !is_opaque(&param.ty) && !may_hide(&param.ty, &names)
    };
    let item = nest(signature, |param| match &param.role {
        Role::Varying { source, .. } if !is_spelled(param) => quote!(#source::Item),
        _ => param.ty.to_token_stream(),
    });
    if signature.has_positions() {
        quote!((::core::primitive::usize, #item))
    } else {
        item
    }
}
