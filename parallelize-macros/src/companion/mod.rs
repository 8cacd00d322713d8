//! The companion: a signature as one would write it by hand, and one call.

mod attrs;
mod bounds;
mod docs;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Generics, Ident, ReceiverKind, Safety, parse_quote};

use crate::{
    options::Options,
    signature::{
        Signature,
        params::{Passing, Role},
    },
};

// Input:
//     pub fn simulate(seed: u64, model: &Model) -> f64
// Output:
//     pub fn simulate_parallel<I>(seed: I, model: &Model) -> Vec<f64>
//     where I: IntoIterator<Item = u64, IntoIter: Send>
//     { companion(&PROFILE, seed, || |item| simulate(item, model)).collect() }
pub(crate) fn emit(options: &Options, signature: &Signature<'_>) -> TokenStream {
    let source = signature.source;
    let private = options.private();

    let name = options.companion(&source.signature.ident);
    let docs = docs::lines(signature);
    let attrs = attrs::travelling(&source.attrs);
    let vis = &source.vis;
    let safety = match &source.signature.safety {
        Safety::Unsafe(token) => Some(token),
        _ => None,
    };
    let span = Span::mixed_site().located_at(source.signature.fn_token.span);
    let mut generics = generics(signature);
    let checks = bounds::demand(signature, &private, &mut generics);
    let where_clause = &generics.where_clause;
    let inputs = inputs(signature);
    let output = signature.output.as_ref().map(|ty| {
        let ty = bounds::result(ty, &generics);
        quote!(-> ::std::vec::Vec<#ty>)
    });
    let call = call(signature, &private);
    let function = quote_spanned!(span=> fn);
    quote! {
        #docs
        #attrs
        #[track_caller]
        #vis #safety #function #name #generics(#inputs) #output #where_clause {
            #checks
            #call
        }
    }
}

fn generics(signature: &Signature<'_>) -> Generics {
    let mut generics = signature.generics.clone();
    for param in &signature.params {
        if let Role::Varying { source } = &param.role {
            let item = &param.ty;
            generics.params.push(parse_quote!(#source));
            generics.make_where_clause().predicates.push(parse_quote! {
                #source: ::core::iter::IntoIterator<Item = #item, IntoIter: ::core::marker::Send>
            });
        }
    }
    generics
}

fn inputs(signature: &Signature<'_>) -> TokenStream {
    let mut params = signature.params.iter();
    let inputs = signature
        .source
        .signature
        .inputs
        .iter()
        .map(|input| match input {
            FnArg::Receiver(receiver) => {
                let mut receiver = receiver.clone();
                receiver.attrs.clear();
                // `mut` is the function's own business.
                if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
                    receiver.mutability = None;
                }
                receiver.into_token_stream()
            }
            FnArg::Typed(_) => params.next().map_or_else(TokenStream::new, |param| {
                let (cfgs, name) = (param.cfgs(), &param.name);
                match &param.role {
                    Role::Varying { source } => quote!(#(#cfgs)* #name: #source),
                    Role::Constant(_) => {
                        let ty = bounds::constant(param);
                        quote!(#(#cfgs)* #name: #ty)
                    }
                }
            }),
        });
    quote!(#(#inputs),*)
}

// Output: companion(&PROFILE, seed, || |item| simulate(item, Clone::clone(&steps), model)).collect()
fn call(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let source = &signature.source.signature;
    let item = Ident::new("__item", Span::mixed_site());
    let receiver = source.receiver().map(|receiver| match receiver.kind {
        ReceiverKind::Reference(..) => receiver.self_token.into_token_stream(),
        _ => bounds::cloned(&receiver.self_token, &bounds::self_type(receiver)),
    });
    let arguments = signature.params.iter().map(|param| {
        let (cfgs, name) = (param.cfgs(), &param.name);
        let argument = match &param.role {
            Role::Varying { .. } => quote!(#item),
            Role::Constant(Passing::Cloned) => bounds::cloned(name, &param.source.ty),
            Role::Constant(Passing::Shared | Passing::Copied) => quote!(#name),
        };
        quote!(#(#cfgs)* #argument)
    });
    let arguments = receiver.into_iter().chain(arguments);

    let function = &source.ident;
    let path = if signature.is_associated() {
        quote!(Self::#function)
    } else {
        quote!(#function)
    };
    let mut call = quote!(#path(#(#arguments),*));
    if matches!(source.safety, Safety::Unsafe(_)) {
        call = quote!(unsafe { #call });
    }
    let items = signature
        .params
        .iter()
        .find(|param| param.is_varying())
        .map(|param| &param.name);
    // With its type spelled, what the engine asks of the result shows there.
    let result = signature
        .output
        .as_ref()
        .map_or_else(|| quote!(_), bounds::spelled);
    let end = signature.output.is_none().then(|| quote!(;));
    quote! {
        #private::companion::<_, _, _, #result>(
            {
                // A block of its own, so that it hides nothing of the same name.
                static PROFILE: #private::Profile = #private::Profile::new();
                &PROFILE
            },
            #items,
            || |#item| #call,
        )
        .collect::<_, #result>() #end
    }
}
