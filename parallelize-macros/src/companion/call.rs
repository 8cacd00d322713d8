//! The bodies of the companions: one call into the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, GenericParam, Ident, Safety};

use super::{bounds, outcome::Outcome};
use crate::{
    options::{Combine, Options},
    signature::{
        Signature, mentions,
        params::{Param, Passing, Role},
    },
};

/// How the closures of a job hold the constants.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Captures {
    /// By reference: the job ends before its companion does.
    Borrowed,
    /// By value: the job leaves its companion.
    Owned,
}

// Output:
//     companion(&PROFILE, seed, || (), |(), item| simulate(item, Clone::clone(&steps), model))
pub(super) fn job(
    options: &Options,
    signature: &Signature<'_>,
    outcome: &Outcome,
    private: &TokenStream,
    captures: Captures,
) -> TokenStream {
    let items = items(signature, private);
    let local = local(signature, captures);
    let apply = apply(signature, outcome, private, captures);
    let result = outcome.result();
    let threads = options.threads.iter();
    quote! {
        #private::companion::<_, _, _, _, #result>(
            {
                // A block of its own, so that it hides nothing of the same name.
                static PROFILE: #private::Profile = #private::Profile::new();
                &PROFILE
            },
            #items,
            #local,
            #apply,
        )
        #(.threads(#threads))*
    }
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

/// What `part` says of each varying argument, nested as the items are.
fn nested(signature: &Signature<'_>, part: impl FnMut(&Param<'_>) -> TokenStream) -> TokenStream {
    let parts = signature.varying().into_iter().map(part);
    let pair = |left, right| quote!((#left, #right));
    match signature.combine {
        Combine::One | Combine::Zip => parts.reduce(pair),
        Combine::Grid => parts.rev().reduce(|right, left| pair(left, right)),
    }
    .unwrap_or_default()
}

/// The type of one item, by way of what yields it: the user's own words are in the bounds already.
pub(super) fn item_type(signature: &Signature<'_>) -> TokenStream {
    nested(signature, |param| match &param.role {
        Role::Varying { source, .. } => quote!(<#source as ::core::iter::IntoIterator>::Item),
        _ => TokenStream::new(),
    })
}

// Output:
//     || ()
// or, with locals, nested so that each can have a `cfg`,
//     || { let locals = (); let locals = (locals, expr); locals }
fn local(signature: &Signature<'_>, captures: Captures) -> TokenStream {
    let locals: Vec<_> = locals(signature).collect();
    if locals.is_empty() {
        return quote!(|| ());
    }
    let values = locals.iter().map(|(param, value)| {
        let cfgs = param.cfgs();
        let span = inner(param).span();
        quote_spanned!(span=> #(#cfgs)* let __locals = (__locals, #value);)
    });
    let span = Span::mixed_site();
    let values = quote_spanned!(span=> { let __locals = (); #(#values)* __locals });
    if captures == Captures::Borrowed {
        return quote!(|| #values);
    }
    // The other closure needs the constants, too.
    let used = |param: &&Param<'_>| {
        let name = [param.name.to_string()];
        is_cloned(param)
            && locals
                .iter()
                .any(|(_, value)| mentions(value.to_token_stream(), &name))
    };
    let clones = signature.params.iter().filter(used).map(|param| {
        let (cfgs, name, clone) = (param.cfgs(), &param.name, bounds::clone(&param.ty));
        quote!(#(#cfgs)* let #name = #clone(&#name);)
    });
    quote!({ #(#clones)* move || #values })
}

/// The arguments that are a worker's own, and what makes them.
fn locals<'s>(
    signature: &'s Signature<'_>,
) -> impl DoubleEndedIterator<Item = (&'s Param<'s>, &'s Expr)> {
    signature
        .params
        .iter()
        .filter_map(|param| match param.role {
            Role::Local(Some(value)) => Some((param, value)),
            _ => None,
        })
}

// Output:
//     |(), item| simulate(item, Clone::clone(&steps), model)
// or, with locals,
//     |locals, item| { let (locals, buf) = locals; simulate(item, buf) }
fn apply(
    signature: &Signature<'_>,
    outcome: &Outcome,
    private: &TokenStream,
    captures: Captures,
) -> TokenStream {
    let owning = (captures == Captures::Owned).then(|| quote!(move));
    let item = nested(signature, |param| inner(param).into_token_stream());
    let call = outcome.judge(call(signature), private);
    // The last one made is the outermost.
    let mut taken = locals(signature)
        .rev()
        .map(|(param, _)| {
            let (cfgs, name) = (param.cfgs(), inner(param));
            let span = Span::mixed_site();
            quote_spanned!(span=> #(#cfgs)* let (__locals, #name) = __locals;)
        })
        .peekable();
    if taken.peek().is_none() {
        return quote!(#owning |(), #item| #call);
    }
    let locals = Ident::new("__locals", Span::mixed_site());
    quote!(#owning |#locals, #item| { #(#taken)* #call })
}

fn is_cloned(param: &Param<'_>) -> bool {
    matches!(param.role, Role::Constant(Passing::Cloned))
}

/// The call of the function for one item.
fn call(signature: &Signature<'_>) -> TokenStream {
    let source = &signature.source.signature;
    let arguments = signature.params.iter().map(|param| {
        let (cfgs, name, inner) = (param.cfgs(), &param.name, inner(param));
        let argument = match &param.role {
            Role::Constant(Passing::Cloned) => {
                let clone = bounds::clone(&param.ty);
                quote!(#clone(&#name))
            }
            Role::Constant(Passing::Shared | Passing::Copied) => quote!(#name),
            Role::Varying { .. } | Role::Local(_) => quote!(#inner),
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
