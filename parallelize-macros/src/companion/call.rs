//! The bodies of the companions: one call into the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Ident};

use super::{
    cluster, function, key,
    output::Output,
    tokens::{LOCALS, clone, inner_name, item, nest, rename_self, temporary, unpack},
};
use crate::{
    options::{Combine, Options},
    signature::{
        Signature,
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
    /// Not at all: the job holds them beside its closures, and can say what they are.
    Apart,
}

// Output:
//     companion(&PROFILE, seed, || (), |(), item| simulate(item, Clone::clone(&steps), model))
// or, with the constants apart,
//     keyed(&PROFILE, seed, || (), constants, |constants, (), item| .., |constants| key)
pub(super) fn job(
    options: &Options,
    signature: &Signature<'_>,
    output: &Output,
    private: &TokenStream,
    captures: Captures,
) -> TokenStream {
    let items = items(signature, private);
    let local = local(signature, captures);
    let apply = apply(signature, output, private, captures);
    let result = output.result();
    let threads = options.threads.iter();
    let distributed = cluster::distributed(options, signature, private);
    let (companion, work) = if captures == Captures::Apart {
        let (constants, key) = (key::constants(signature), key::key(signature, private));
        let companion = quote!(#private::keyed::<_, _, _, _, _, _, #result>);
        // Where locals use constants, those are cloned before they move.
        (companion, quote!(#local, #constants, #apply, #key))
    } else {
        let companion = quote!(#private::companion::<_, _, _, _, #result>);
        (companion, quote!(#local, #apply))
    };
    quote! {
        #companion(
            {
                // A block of its own, so that it hides nothing of the same name.
                static PROFILE: #private::Profile = #private::Profile::new();
                &PROFILE
            },
            #items,
            #work,
        )
        #distributed
        #(.threads(#threads))*
    }
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
                let (name, item, clone) = (&param.name, inner_name(param), clone(&param.ty));
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

/// The type of one item, by way of what yields it: the user's own words are in the bounds already.
pub(super) fn item_type(signature: &Signature<'_>) -> TokenStream {
    nest(signature, |param| match &param.role {
        Role::Varying { source, .. } => quote!(<#source as ::core::iter::IntoIterator>::Item),
        _ => TokenStream::new(),
    })
}

// Output:
//     || ()
// or, with locals, nested so that each can have a `cfg`,
//     || { let locals = (); let locals = (locals, expr); locals }
fn local(signature: &Signature<'_>, captures: Captures) -> TokenStream {
    let locals: Vec<_> = signature.locals().collect();
    if locals.is_empty() {
        return quote!(|| ());
    }
    let used = signature.constants_of_locals().collect::<Vec<_>>();
    let aliases = used.iter().filter_map(|param| alias(param, signature));
    let values = locals.iter().map(|(param, value)| {
        let (cfgs, mut value) = (param.cfgs(), value.to_token_stream());
        if captures != Captures::Borrowed {
            // `self` cannot be bound again, so its clone has another name.
            used.iter()
                .filter(|param| is_owned_self(param))
                .for_each(|this| value = rename_self(&value, &inner_name(this)));
        }
        let span = inner_name(param).span();
        quote_spanned!(span=> #(#cfgs)* let __locals = (__locals, #value);)
    });
    let span = Span::mixed_site();
    let values = quote_spanned!(span=> { #(#aliases)* let __locals = (); #(#values)* __locals });
    if captures == Captures::Borrowed {
        return quote!(|| #values);
    }
    // The other closure needs the constants, too.
    let clones = used.iter().filter(|param| param.is_cloned()).map(|param| {
        let (cfgs, name, clone) = (param.cfgs(), &param.name, clone(&param.ty));
        let own = if is_owned_self(param) {
            inner_name(param)
        } else {
            name.clone()
        };
        quote!(#(#cfgs)* let #own = #clone(&#name);)
    });
    quote!({ #(#clones)* move || #values })
}

/// The constant under the name that the user has for it, if that is the function's, too: the companion has another.
fn alias(param: &Param<'_>, signature: &Signature<'_>) -> Option<TokenStream> {
    let FnArg::Typed(argument) = param.argument else {
        return None;
    };
    (param.name == signature.source.signature.ident).then(|| {
        let (cfgs, name, called) = (param.cfgs(), &param.name, &argument.pat);
        let clone = clone(&param.ty);
        quote!(#(#cfgs)* let #called = #clone(&#name);)
    })
}

fn is_owned_self(param: &Param<'_>) -> bool {
    param.name == "self" && param.is_cloned()
}

// Output:
//     |(), item| simulate(item, Clone::clone(&steps), model)
// or, with locals,
//     |locals, item| { let (locals, buf) = locals; simulate(item, buf) }
// or, with the constants apart,
//     |constants, (), item| { let (constants, steps) = constants; simulate(item, Clone::clone(steps)) }
fn apply(
    signature: &Signature<'_>,
    output: &Output,
    private: &TokenStream,
    captures: Captures,
) -> TokenStream {
    let owning = (captures == Captures::Owned).then(|| quote!(move));
    let item = item(signature);
    let call = output.as_result(call(signature, captures), private);
    let locals = Ident::new(LOCALS, Span::mixed_site());
    let taken = unpack(&locals, signature.locals().map(|(param, _)| param));
    let locals = if taken.is_empty() {
        quote!(())
    } else {
        locals.into_token_stream()
    };
    match captures {
        Captures::Apart => {
            let (all, constants) = (temporary("constants"), key::taken(signature));
            quote!(|#all, #locals, #item| { #constants #taken #call })
        }
        _ if taken.is_empty() => quote!(#owning |#locals, #item| #call),
        _ => quote!(#owning |#locals, #item| { #taken #call }),
    }
}

/// The call of the function for one item.
fn call(signature: &Signature<'_>, captures: Captures) -> TokenStream {
    function::call(signature, |param| {
        let (name, inner) = (&param.name, inner_name(param));
        match &param.role {
            Role::Constant(Passing::Cloned) => {
                let clone = clone(&param.ty);
                match captures {
                    Captures::Apart => quote!(#clone(#inner)),
                    Captures::Borrowed | Captures::Owned => quote!(#clone(&#name)),
                }
            }
            Role::Constant(_) if captures == Captures::Apart => quote!(#inner),
            Role::Constant(Passing::Shared | Passing::Copied) => quote!(#name),
            Role::Varying { .. } | Role::Local(_) => quote!(#inner),
        }
    })
}
