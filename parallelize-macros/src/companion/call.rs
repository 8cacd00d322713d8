//! The bodies of the companions: one call into the runtime.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, FnArg, GenericParam, Ident, Safety};

use super::{bounds, cluster, key, outcome::Outcome};
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
    outcome: &Outcome,
    private: &TokenStream,
    captures: Captures,
) -> TokenStream {
    let items = items(signature, private);
    let local = local(signature, captures);
    let apply = apply(signature, outcome, private, captures);
    let result = outcome.result();
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

/// A name of ours for what the argument stands for, which no name of the user's meets.
pub(super) fn inner(param: &Param<'_>) -> Ident {
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
pub(super) fn nested(
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
    let used = used(signature);
    let aliases = used.iter().filter_map(|param| alias(param, signature));
    let values = locals.iter().map(|(param, value)| {
        let (cfgs, mut value) = (param.cfgs(), value.to_token_stream());
        if captures != Captures::Borrowed {
            // `self` cannot be bound again, so its clone has another name.
            used.iter()
                .filter(|param| is_owned_self(param))
                .for_each(|this| value = rename_self(&value, &inner(this)));
        }
        let span = inner(param).span();
        quote_spanned!(span=> #(#cfgs)* let __locals = (__locals, #value);)
    });
    let span = Span::mixed_site();
    let values = quote_spanned!(span=> { #(#aliases)* let __locals = (); #(#values)* __locals });
    if captures == Captures::Borrowed {
        return quote!(|| #values);
    }
    // The other closure needs the constants, too.
    let clones = used.iter().filter(|param| is_cloned(param)).map(|param| {
        let (cfgs, name, clone) = (param.cfgs(), &param.name, bounds::clone(&param.ty));
        let own = if is_owned_self(param) {
            inner(param)
        } else {
            name.clone()
        };
        quote!(#(#cfgs)* let #own = #clone(&#name);)
    });
    quote!({ #(#clones)* move || #values })
}

/// The constants that locals may be made of.
pub(super) fn used<'s>(signature: &'s Signature<'_>) -> Vec<&'s Param<'s>> {
    let is_used = |param: &&Param<'_>| {
        let name = [param.name.to_string()];
        is_constant(param)
            && locals(signature).any(|(_, value)| mentions(value.to_token_stream(), &name))
    };
    signature.params.iter().filter(is_used).collect()
}

/// The constant under the name that the user has for it, if that is the function's, too: the companion has another.
fn alias(param: &Param<'_>, signature: &Signature<'_>) -> Option<TokenStream> {
    let FnArg::Typed(argument) = param.argument else {
        return None;
    };
    (param.name == signature.source.signature.ident).then(|| {
        let (cfgs, name, called) = (param.cfgs(), &param.name, &argument.pat);
        let clone = bounds::clone(&param.ty);
        quote!(#(#cfgs)* let #called = #clone(&#name);)
    })
}

fn is_owned_self(param: &Param<'_>) -> bool {
    param.name == "self" && is_cloned(param)
}

fn rename_self(tokens: &TokenStream, name: &Ident) -> TokenStream {
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

/// The arguments that are a worker's own, and what makes them.
pub(super) fn locals<'s>(
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
// or, with the constants apart,
//     |constants, (), item| { let (constants, steps) = constants; simulate(item, Clone::clone(steps)) }
fn apply(
    signature: &Signature<'_>,
    outcome: &Outcome,
    private: &TokenStream,
    captures: Captures,
) -> TokenStream {
    let owning = (captures == Captures::Owned).then(|| quote!(move));
    let item = nested(signature, |param| inner(param).into_token_stream());
    let call = outcome.judge(call(signature, captures), private);
    let locals = Ident::new(LOCALS, Span::mixed_site());
    let taken = unpacked(&locals, self::locals(signature).map(|(param, _)| param));
    let locals = if taken.is_empty() {
        quote!(())
    } else {
        locals.into_token_stream()
    };
    match captures {
        Captures::Apart => {
            let (all, constants) = (own("constants"), key::taken(signature));
            quote!(|#all, #locals, #item| { #constants #taken #call })
        }
        _ if taken.is_empty() => quote!(#owning |#locals, #item| #call),
        _ => quote!(#owning |#locals, #item| { #taken #call }),
    }
}

/// What a worker has for itself.
pub(super) const LOCALS: &str = "__locals";

/// A variable of ours. With one underscore before it, it is no argument's either.
pub(super) fn own(name: &str) -> Ident {
    format_ident!("_{name}", span = Span::mixed_site())
}

/// Takes `params` out of `all`, in which they are nested so that each can have a `cfg`: the last one put in is the
/// outermost.
pub(super) fn unpacked<'p>(
    all: &Ident,
    params: impl DoubleEndedIterator<Item = &'p Param<'p>>,
) -> TokenStream {
    let taken = params.rev().map(|param| {
        let (cfgs, name) = (param.cfgs(), inner(param));
        quote!(#(#cfgs)* let (#all, #name) = #all;)
    });
    taken.collect()
}

pub(super) fn is_constant(param: &Param<'_>) -> bool {
    matches!(param.role, Role::Constant(_))
}

pub(super) fn is_cloned(param: &Param<'_>) -> bool {
    matches!(param.role, Role::Constant(Passing::Cloned))
}

/// The call of the function for one item.
fn call(signature: &Signature<'_>, captures: Captures) -> TokenStream {
    call_with(signature, |param| {
        let (name, inner) = (&param.name, inner(param));
        match &param.role {
            Role::Constant(Passing::Cloned) => {
                let clone = bounds::clone(&param.ty);
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

/// The call of the function with what `argument` gives for each of its own.
pub(super) fn call_with(
    signature: &Signature<'_>,
    argument: impl Fn(&Param<'_>) -> TokenStream,
) -> TokenStream {
    let source = &signature.source.signature;
    let arguments = signature.params.iter().map(|param| {
        let (cfgs, argument) = (param.cfgs(), argument(param));
        quote!(#(#cfgs)* #argument)
    });
    let function = function(signature);
    let call = quote!(#function(#(#arguments),*));
    match source.safety {
        Safety::Unsafe(_) => quote!(unsafe { #call }),
        _ => call,
    }
}

/// The function, as one names it where the companion stands.
pub(super) fn function(signature: &Signature<'_>) -> TokenStream {
    let source = &signature.source.signature;
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
    quote!(#path #function #turbofish)
}
