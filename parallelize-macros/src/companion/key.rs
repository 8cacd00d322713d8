//! The key of a job, which tells it from other jobs: its function and its constants.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::{
    constants, function,
    tokens::{inner_name, temporary},
};
use crate::signature::{Signature, words::mentions};

// Output:
//     .keyed(|constants| {
//         let ((), steps) = constants();
//         let key = Key::of(&simulate);
//         let key = key.with("steps", Constant::new(&steps).digest());
//         key
//     })
pub(super) fn keyed(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let (all, key) = (temporary("constants"), temporary("key"));
    let values = constants::values(signature);
    let first = first(signature);
    let digests = signature.constants().map(|param| {
        let (cfgs, name) = (param.cfgs(), param.name.unraw().to_string());
        let value = inner_name(param);
        quote! {
            #(#cfgs)* let #key = #key.with(#name, #private::Constant::new(&#value).digest());
        }
    });
    quote!(.keyed(|#all| { #values let #key = #private::Key::#first; #(#digests)* #key }))
}

/// Returns the call that makes the key of the function alone.
fn first(signature: &Signature<'_>) -> TokenStream {
    let source = &signature.source.signature;
    // Without a call, the type of a function with an `impl Trait` argument cannot be inferred.
    if mentions(source.inputs.to_token_stream(), &["impl"]) {
        let name = source.ident.unraw().to_string();
        return quote!(named(::core::concat!(::core::module_path!(), "::", #name)));
    }
    let function = function::path(signature);
    quote!(of(&#function))
}
