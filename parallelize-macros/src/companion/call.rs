//! The body of the companion: one call into the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericParam, Ident, Safety};

use super::{bounds, outcome::Outcome};
use crate::{
    options::{Combine, Options},
    signature::{
        Signature,
        params::{Param, Passing, Role},
    },
};

// Output:
//     companion(&PROFILE, seed, || |item| simulate(item, Clone::clone(&steps), model)).collect()
pub(super) fn emit(
    options: &Options,
    signature: &Signature<'_>,
    outcome: &Outcome,
    private: &TokenStream,
) -> TokenStream {
    let items = items(signature, private);
    let worker = worker(signature, outcome, private);
    let result = outcome.result();
    let job = quote! {
        #private::companion::<_, _, _, #result>(
            {
                // A block of its own, so that it hides nothing of the same name.
                static PROFILE: #private::Profile = #private::Profile::new();
                &PROFILE
            },
            #items,
            #worker,
        )
    };
    let threads = options.threads.iter();
    outcome.run(&quote!(#job #(.threads(#threads))*), private)
}

/// A name of ours for what the argument stands for, which no name of the user's meets.
fn inner(param: &Param<'_>) -> Ident {
    // If the value of a local has the wrong type, it is the value that shows.
    let span = match param.role {
        Role::Local(Some(value)) => bounds::at(value),
        _ => Span::mixed_site(),
    };
    format_ident!("__{}", param.name, span = span)
}

/// What the items are taken from.
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
                let (name, item, clone) = (&param.name, inner(param), bounds::clone(&param.ty));
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

/// The pattern of one item, nested as the items are.
fn item(signature: &Signature<'_>) -> TokenStream {
    let names = signature.varying().into_iter().map(inner);
    let names = names.map(|name| quote!(#name));
    let pair = |left, right| quote!((#left, #right));
    match signature.combine {
        Combine::One | Combine::Zip => names.reduce(pair),
        Combine::Grid => names.rev().reduce(|right, left| pair(left, right)),
    }
    .unwrap_or_default()
}

// Output:
//     || |item| simulate(item, Clone::clone(&steps), model)
// or, with locals,
//     || { let mut buf = expr; let steps = &steps; move |item| simulate(item, Clone::clone(steps), model, &mut buf) }
fn worker(signature: &Signature<'_>, outcome: &Outcome, private: &TokenStream) -> TokenStream {
    let item = item(signature);
    let locals = signature
        .params
        .iter()
        .filter_map(|param| match &param.role {
            Role::Local(value) => Some((param, value)),
            _ => None,
        });
    let locals: Vec<TokenStream> = locals
        .map(|(param, value)| {
            let (cfgs, name) = (param.cfgs(), inner(param));
            quote!(#(#cfgs)* let mut #name = #value;)
        })
        .collect();
    let has_locals = !locals.is_empty();
    let call = call(signature, has_locals);
    let call = outcome.judge(call, private);
    if !has_locals {
        return quote!(|| |#item| #call);
    }
    let shared = signature
        .params
        .iter()
        .filter(|param| is_cloned(param))
        .map(|param| {
            let (cfgs, name, inner) = (param.cfgs(), &param.name, inner(param));
            quote!(#(#cfgs)* let #inner = &#name;)
        });
    quote! {
        || {
            #(#locals)*
            #(#shared)*
            move |#item| #call
        }
    }
}

fn is_cloned(param: &Param<'_>) -> bool {
    matches!(param.role, Role::Constant(Passing::Cloned))
}

/// The call of the function for one item.
fn call(signature: &Signature<'_>, has_locals: bool) -> TokenStream {
    let source = &signature.source.signature;
    let arguments = signature.params.iter().map(|param| {
        let (cfgs, name, inner) = (param.cfgs(), &param.name, inner(param));
        let argument = match &param.role {
            Role::Varying { .. } => quote!(#inner),
            Role::Constant(Passing::Cloned) => {
                let clone = bounds::clone(&param.ty);
                let constant = if has_locals {
                    quote!(#inner)
                } else {
                    quote!(&#name)
                };
                quote!(#clone(#constant))
            }
            Role::Constant(Passing::Shared | Passing::Copied) => quote!(#name),
            Role::Local(_) => quote_spanned!(inner.span()=> &mut #inner),
        };
        quote!(#(#cfgs)* #argument)
    });
    let path = signature.is_associated().then(|| quote!(Self::));
    let function = &source.ident;
    // The arguments alone may not tell what they are.
    let generics = source
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
            GenericParam::Lifetime(_) => None,
        });
    let generics: Vec<&Ident> = generics.collect();
    let turbofish = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
    let call = quote!(#path #function #turbofish(#(#arguments),*));
    match source.safety {
        Safety::Unsafe(_) => quote!(unsafe { #call }),
        _ => call,
    }
}
