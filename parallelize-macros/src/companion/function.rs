//! The user's function and the companion that makes a job: their paths, and the calls of them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Generics, Ident, Safety};

use crate::signature::{
    Place, Signature,
    params::{Param, Role},
};

/// Returns the function, as it is named where the companion stands.
pub(super) fn path(signature: &Signature<'_>) -> TokenStream {
    let source = &signature.source.signature;
    named(signature, &source.ident, &source.generics)
}

/// Returns what has this `name` and these `generics`, and stands beside the function. If the
/// function has generics, they are spelled, since the arguments alone may not determine them.
fn named(signature: &Signature<'_>, name: &Ident, generics: &Generics) -> TokenStream {
    let place = place(signature);
    let names = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    });
    let names: Vec<&Ident> = names.collect();
    let is_generic = !signature.source.signature.generics.params.is_empty();
    let turbofish = (is_generic && !names.is_empty()).then(|| quote!(::<#(#names),*>));
    quote!(#place #name #turbofish)
}

/// Returns the path to what stands beside the function.
fn place(signature: &Signature<'_>) -> Option<TokenStream> {
    match &signature.place {
        // A supertrait may have a function of the same name.
        Place::Trait(Some(header)) => {
            let (name, (_, arguments, _)) = (&header.name, header.generics.split_for_impl());
            Some(quote!(<Self as #name #arguments>::))
        }
        Place::Trait(None) | Place::Impl(_) => Some(quote!(Self::)),
        Place::Free | Place::TraitImpl | Place::Foreign => None,
    }
}

/// Calls the function with what `argument` gives for each of its arguments.
pub(super) fn call(
    signature: &Signature<'_>,
    argument: impl Fn(&Param<'_>) -> TokenStream,
) -> TokenStream {
    let arguments = signature.params.iter().map(|param| {
        let (cfgs, argument) = (param.cfgs(), argument(param));
        quote!(#(#cfgs)* #argument)
    });
    let path = path(signature);
    as_safe(signature, quote!(#path(#(#arguments),*)))
}

/// Calls the companion with this `name` that makes a job, from another one with the same
/// `generics` and arguments.
pub(super) fn call_job(
    signature: &Signature<'_>,
    name: &Ident,
    generics: &Generics,
) -> TokenStream {
    let arguments = signature.params.iter().filter_map(|param| {
        let (cfgs, name) = (param.cfgs(), &param.name);
        let is_passed = matches!(param.role, Role::Varying { .. } | Role::Constant(_));
        is_passed.then(|| quote!(#(#cfgs)* #name))
    });
    let path = named(signature, name, generics);
    as_safe(signature, quote!(#path(#(#arguments),*)))
}

/// Puts a `call` into an unsafe block if the function is unsafe.
fn as_safe(signature: &Signature<'_>, call: TokenStream) -> TokenStream {
    match signature.source.signature.safety {
        Safety::Unsafe(_) => quote!(unsafe { #call }),
        _ => call,
    }
}
