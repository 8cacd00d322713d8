//! The two closures of a job: one makes the locals of a worker, the other one does the work for an
//! item, and makes what `each` makes. They are the same on all machines, except for how a machine
//! stores constants and items.

use std::iter;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, Ident, Pat};

use super::{
    function,
    tokens::{
        at, inner_name, item, position, private_path, relocated, rename_self, temporary, unpack,
    },
};
use crate::signature::{
    Signature,
    params::{self, Param, Role},
};

/// The variable that holds the locals of a worker.
const LOCALS: &str = "__locals";

// Output:
//     |_| ()
// or, with locals, nested so that each can have a `cfg`,
//     move |constants| {
//         let ((), names) = constants();
//         let names = names;
//         let locals = ();
//         let locals = (locals, vec![names.len(); steps]);
//         locals
//     }
// `constants` are the statements that unpack the constants. `bound` gives the value to which the
// name of a constant is bound. If it gives none, the closure captures the constant.
pub(super) fn local(
    signature: &Signature<'_>,
    constants: &TokenStream,
    bound: impl Fn(&Param<'_>) -> Option<TokenStream>,
) -> TokenStream {
    if signature.locals().next().is_none() {
        return quote!(|_| ());
    }
    let used: Vec<_> = signature
        .constants_in(signature.locals().map(|(_, value)| value))
        .collect();
    let (owning, bindings) = bindings(signature, &used, &bound);
    // Nothing can be bound to `self`. So the values mention an owned `self` by another name.
    let is_renamed = used
        .iter()
        .any(|param| param.name == "self" && bound(param).is_some());
    let constants = (is_renamed || !bindings.is_empty()).then_some(constants);
    let all = Ident::new(LOCALS, Span::mixed_site());
    let values = signature.locals().map(|(param, value)| {
        let (cfgs, span) = (param.cfgs(), inner_name(param).span());
        let mut value = value.to_token_stream();
        if is_renamed {
            value = rename_self(&value, &format_ident!("__self", span = Span::mixed_site()));
        }
        let all = Ident::new(LOCALS, span);
        quote_spanned!(span=> #(#cfgs)* let #all = (#all, #value);)
    });
    let argument = temporary("constants");
    quote!(#owning |#argument| { #constants #bindings let #all = (); #(#values)* #all })
}

/// Binds the `used` constants to the names by which expressions mention them. If one is captured
/// instead, the first of the results lets the closure own it.
fn bindings(
    signature: &Signature<'_>,
    used: &[&Param<'_>],
    bound: impl Fn(&Param<'_>) -> Option<TokenStream>,
) -> (Option<TokenStream>, TokenStream) {
    let (mut owning, mut bindings) = (None, TokenStream::new());
    for param in used {
        match bound(param) {
            Some(value) => bindings.extend(binding(param, signature, &value)),
            None => owning = Some(quote!(move)),
        }
    }
    (owning, bindings)
}

/// Binds the `value` of a constant to the name by which expressions mention it, unless that is
/// `self`.
fn binding(
    param: &Param<'_>,
    signature: &Signature<'_>,
    value: &TokenStream,
) -> Option<TokenStream> {
    let FnArg::Typed(argument) = param.argument else {
        return None;
    };
    let name = match &*argument.pat {
        // The companion renames an argument that has the name of the function.
        Pat::Ident(pat) if pat.ident == signature.source.signature.ident => &pat.ident,
        _ => &param.name,
    };
    let cfgs: TokenStream = param.cfgs().map(ToTokens::to_token_stream).collect();
    // The name may only be mentioned as that of a field or a method. The second statement keeps the
    // compiler from warning about an unused variable then.
    Some(quote!(#cfgs let #name = #value; #cfgs let _ = &#name;))
}

// Output:
//     |constants, (), item| {
//         let ((), steps) = constants();
//         simulate(item, steps)
//     }
// or, with locals,
//     |constants, locals, item| {
//         let ((), steps) = constants();
//         let ((), buffer) = locals;
//         simulate(item, steps, buffer)
//     }
// or, with an argument that is made for each item,
//     move |constants, (), (position, item)| {
//         let ((), steps) = constants();
//         let rng = each(|index| Rng::new(seed, index), position);
//         simulate(item, steps, &mut rng)
//     }
// `argument` gives the expression for each argument, `bound` the value to which the name of a
// constant is bound for the closures of `each`.
pub(super) fn apply(
    signature: &Signature<'_>,
    private: &TokenStream,
    constants: &TokenStream,
    argument: impl Fn(&Param<'_>) -> TokenStream,
    bound: impl Fn(&Param<'_>) -> Option<TokenStream>,
) -> TokenStream {
    let all = temporary("constants");
    let mut call_at = None;
    let mut locals_at = Span::mixed_site();
    if let (Some((local, _)), Some(output)) = (signature.locals().next(), &signature.output) {
        if signature.returns_opaque() {
            // Since edition 2024, such a result borrows from the locals unless it says otherwise.
            // The error shows at both.
            (call_at, locals_at) = (Some(at(output)), at(&local.ty));
        }
    }
    let locals = Ident::new(LOCALS, locals_at);
    let taken = unpack(&locals, signature.locals().map(|(param, _)| param));
    let locals = if taken.is_empty() {
        quote!(())
    } else {
        locals.into_token_stream()
    };
    let (owning, made) = made(signature, private, bound);
    let item = item(signature);
    let argument = |param: &Param<'_>| match (&param.role, params::reference(&param.ty)) {
        (Role::Each(_), Some(reference)) => {
            let value = inner_name(param);
            let mutability = reference
                .mutability
                .map(|_| quote_spanned!(value.span()=> mut));
            quote_spanned!(value.span()=> &#mutability #value)
        }
        (Role::Each(_), None) => inner_name(param).into_token_stream(),
        _ => argument(param),
    };
    let mut call = function::call(signature, argument);
    if let Some(span) = call_at {
        call = relocated(call, span);
    }
    if constants.is_empty() && taken.is_empty() && made.is_empty() {
        return quote!(|_, #locals, #item| #call);
    }
    let all = if constants.is_empty() {
        quote!(_)
    } else {
        all.into_token_stream()
    };
    quote!(#owning |#all, #locals, #item| { #constants #taken #made #call })
}

/// Makes the arguments of one item. The first of the results is there if the closure has to own
/// what it captures.
fn made(
    signature: &Signature<'_>,
    private: &TokenStream,
    bound: impl Fn(&Param<'_>) -> Option<TokenStream>,
) -> (Option<TokenStream>, TokenStream) {
    let mut owning = None;
    let made = signature.eaches().map(|(param, value)| {
        let used: Vec<_> = signature.constants_in(iter::once(value)).collect();
        let (owns, bindings) = bindings(signature, &used, &bound);
        owning = owning.take().or(owns);
        let mut value = value.to_token_stream();
        // Nothing can be bound to `self`.
        let this = used.iter().find(|param| param.name == "self");
        let this = this.and_then(|this| bound(this)).map(|this| {
            let name = temporary("self");
            value = rename_self(&value, &name);
            quote!(let #name = #this;)
        });
        let (cfgs, name, position) = (param.cfgs(), inner_name(param), position());
        let mutability = params::reference_mut(&param.ty);
        let each = private_path(name.span(), private, &["each"]);
        quote_spanned! {name.span()=>
            #(#cfgs)* let #mutability #name = { #this #bindings #each(#value, #position) };
        }
    });
    let made = made.collect();
    (owning, made)
}
