//! Emits the companions: a signature as a person would write it, and one call into the runtime.
//!
//! It may use `options` and `signature`, which have been checked. Nothing here can fail.

mod attrs;
mod bounds;
mod call;
mod closures;
mod cluster;
mod constants;
mod docs;
mod function;
mod key;
mod opaque;
mod output;
mod tokens;
mod warnings;
mod wire;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Generics, Ident, ReceiverKind, Safety, Type, parse_quote};

use crate::{
    options::{Combine, Features, Options},
    signature::{
        Place, Signature,
        params::{Param, Role},
    },
};
use output::Output;

// Input:
//     pub fn simulate(seed: u64, model: &Model) -> f64
// Output:
//     pub fn simulate_parallel<I>(seed: I, model: &Model) -> Vec<f64>
//     where I: IntoIterator<Item = u64, IntoIter: Send>
//     { simulate_job(seed, model).collect() }
//
//     pub fn simulate_job<I>(seed: I, model: &Model)
//         -> Job<impl Items<u64>, impl Work<u64, Output = f64>>
//     where I: IntoIterator<Item = u64, IntoIter: Send>
//     { companion(&PROFILE, seed, constants, |_| (), |constants, (), item| ..) }
pub(crate) fn emit(
    options: &Options,
    features: Features,
    signature: &Signature<'_>,
) -> TokenStream {
    let private = options.private();
    let output = Output::of(options, signature, &private);
    let mut generics = generics(signature, &private);
    let checks = bounds::demand(signature, output.parts(), &private, &mut generics);
    let warnings = warnings::seeded_locals(signature, &private);
    let function = &signature.source.signature.ident;
    let name = options.companion_name(function);
    let job_name = Options::job_name(function);

    let job = function::call_job(signature, &job_name, &generics);
    let run = output.collect(&job, &private);
    let parallel = companion(
        signature,
        &generics,
        &docs::parallel(options, signature, &output),
        &name,
        output.return_type(&generics, &private).as_ref(),
        &quote!(#warnings #run),
    );

    let output = Output::unprocessed(signature);
    let keyed = features.journal.then(|| key::keyed(signature, &private));
    let distributed = cluster::distributed(options, signature, &private);
    let extras = quote!(#keyed #distributed);
    let job = call::job(options, signature, &output, &private, &extras);
    let ty = output.job_type(&call::item_type(signature), options, &generics);
    let job = companion(
        signature,
        &generics,
        &docs::job(options, signature, &name),
        &job_name,
        Some(&quote!(-> #ty)),
        &quote!(#checks #job),
    );
    let registration = cluster::registration(options, signature, &output, &private);
    quote!(#parallel #job #registration)
}

/// Emits a companion called `name`.
fn companion(
    signature: &Signature<'_>,
    generics: &Generics,
    docs: &TokenStream,
    name: &Ident,
    output: Option<&TokenStream>,
    body: &TokenStream,
) -> TokenStream {
    let source = signature.source;
    let attrs = attrs::inherited(&source.attrs);
    // `clippy::missing_inline_in_public_items` requires this of generated trait methods.
    let inline = matches!(signature.place, Place::Trait(_)).then(|| quote!(#[inline]));
    let vis = &source.vis;
    let safety = match &source.signature.safety {
        Safety::Unsafe(token) => Some(token),
        _ => None,
    };
    // "Source" in rustdoc leads to the user's function.
    let span = Span::mixed_site().located_at(source.signature.fn_token.span);
    let function = quote_spanned!(span=> fn);
    let inputs: Vec<_> = signature
        .params
        .iter()
        .filter_map(|param| input(signature, param))
        .collect();
    let where_clause = &generics.where_clause;
    quote! {
        #docs
        #attrs
        #inline
        #[track_caller]
        #vis #safety #function #name #generics(#(#inputs),*) #output #where_clause {
            #body
        }
    }
}

fn generics(signature: &Signature<'_>, private: &TokenStream) -> Generics {
    let mut generics = signature.generics.clone();
    for param in signature.varying() {
        let Role::Varying { source, rank } = &param.role else {
            continue;
        };
        let item = &param.ty;
        // The last axis of a grid is iterated repeatedly.
        let is_repeated =
            signature.combine == Combine::Grid && *rank + 1 == signature.varying().len();
        let clone = is_repeated.then(|| quote!(+ ::core::clone::Clone));
        let item = if param.accepts_owners() {
            quote!(Item: #private::Item<#item>)
        } else {
            quote!(Item = #item)
        };
        generics.params.push(parse_quote!(#source));
        generics.make_where_clause().predicates.push(parse_quote! {
            #source: ::core::iter::IntoIterator<#item, IntoIter: ::core::marker::Send #clone>
        });
    }
    generics
}

fn input(signature: &Signature<'_>, param: &Param<'_>) -> Option<TokenStream> {
    let (cfgs, name) = (param.cfgs(), &param.name);
    let input = match (&param.role, param.argument) {
        (Role::Varying { source, .. }, _) => quote!(#name: #source),
        (Role::Constant(_), FnArg::Receiver(receiver)) => {
            let mut receiver = receiver.clone();
            receiver.attrs.clear();
            // `mut self` concerns the function's body alone.
            if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
                receiver.mutability = None;
            }
            // Its lifetime may have a name now.
            match (&mut receiver.kind, &param.ty) {
                (ReceiverKind::Reference(_, lifetime, _), Type::Reference(reference)) => {
                    lifetime.clone_from(&reference.lifetime);
                }
                (ReceiverKind::Typed(_, ty), named) => **ty = named.clone(),
                _ => {}
            }
            receiver.into_token_stream()
        }
        (Role::Constant(_), FnArg::Typed(_)) => {
            let ty = opaque::constant(signature, param);
            quote!(#name: #ty)
        }
        (Role::Local(_) | Role::Each(_), _) => return None,
    };
    Some(quote!(#(#cfgs)* #input))
}
