//! The two closures of a job: one makes the locals of a worker, the other one does the work for an
//! item. They are the same on all machines, except for how a machine stores constants and items.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, Ident, Pat};

use super::{
    function,
    tokens::{inner_name, item, rename_self, temporary, unpack},
};
use crate::signature::{Signature, params::Param};

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
    let used: Vec<_> = signature.constants_of_locals().collect();
    let (mut owning, mut bindings) = (None, TokenStream::new());
    for param in &used {
        match bound(param) {
            Some(value) => bindings.extend(binding(param, signature, &value)),
            None => owning = Some(quote!(move)),
        }
    }
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

/// Binds the `value` of a constant to the name by which the values of locals mention it, unless
/// that is `self`.
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
// `argument` gives the expression for each argument, and `result` converts the call.
pub(super) fn apply(
    signature: &Signature<'_>,
    constants: &TokenStream,
    argument: impl Fn(&Param<'_>) -> TokenStream,
    result: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let all = temporary("constants");
    let locals = Ident::new(LOCALS, Span::mixed_site());
    let taken = unpack(&locals, signature.locals().map(|(param, _)| param));
    let locals = if taken.is_empty() {
        quote!(())
    } else {
        locals.into_token_stream()
    };
    let item = item(signature);
    let call = result(function::call(signature, argument));
    if constants.is_empty() && taken.is_empty() {
        return quote!(|_, #locals, #item| #call);
    }
    quote!(|#all, #locals, #item| { #constants #taken #call })
}
