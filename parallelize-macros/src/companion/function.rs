//! The user's function: its path, and the call of it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Ident, Safety};

use crate::signature::{Place, Signature, params::Param};

/// Returns the function, as it is named where the companion stands.
pub(super) fn path(signature: &Signature<'_>) -> TokenStream {
    let source = &signature.source.signature;
    let path = match &signature.place {
        // A supertrait may have a function of the same name.
        Place::Trait(Some(header)) => {
            let (name, (_, arguments, _)) = (&header.name, header.generics.split_for_impl());
            Some(quote!(<Self as #name #arguments>::))
        }
        Place::Trait(None) | Place::Impl(_) => Some(quote!(Self::)),
        Place::Free | Place::TraitImpl | Place::Foreign => None,
    };
    let function = &source.ident;
    // The arguments alone may not determine them.
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
    let call = quote!(#path(#(#arguments),*));
    match signature.source.signature.safety {
        Safety::Unsafe(_) => quote!(unsafe { #call }),
        _ => call,
    }
}
