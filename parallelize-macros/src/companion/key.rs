//! What the job can say of itself: the function and its constants. It holds these beside its closures then, so that they
//! are looked at when somebody asks, and only then.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::{
    function,
    tokens::{inner_name, temporary, unpack},
};
use crate::signature::{Signature, words::mentions};

// Output:
//     { let constants = (); let constants = (constants, steps); constants }
pub(super) fn constants(signature: &Signature<'_>) -> TokenStream {
    let all = temporary("constants");
    let held = signature.constants().map(|param| {
        let (cfgs, name) = (param.cfgs(), &param.name);
        quote!(#(#cfgs)* let #all = (#all, #name);)
    });
    quote!({ let #all = (); #(#held)* #all })
}

/// Takes each constant that a call needs out of a reference to all of them: as it is, unless each call gets a clone.
pub(super) fn taken(signature: &Signature<'_>) -> TokenStream {
    let taken = unpack(&temporary("constants"), signature.constants());
    let copied = signature.constants().filter(|param| !param.is_cloned());
    let copied = copied.map(|param| {
        let (cfgs, name) = (param.cfgs(), inner_name(param));
        quote!(#(#cfgs)* let #name = *#name;)
    });
    quote!(#taken #(#copied)*)
}

// Output:
//     |constants| {
//         let (constants, steps) = constants;
//         let key = Key::of(&simulate);
//         let key = key.with("steps", Constant::new(steps).digest());
//         key
//     }
pub(super) fn key(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let (all, key) = (temporary("constants"), temporary("key"));
    let taken = unpack(&all, signature.constants());
    let function = function(signature);
    let digests = signature.constants().map(|param| {
        let (cfgs, name) = (param.cfgs(), param.name.unraw().to_string());
        let value = inner_name(param);
        quote! {
            #(#cfgs)* let #key = #key.with(#name, #private::Constant::new(#value).digest());
        }
    });
    quote!(|#all| { #taken let #key = #private::Key::#function; #(#digests)* #key })
}

/// How the key begins.
fn function(signature: &Signature<'_>) -> TokenStream {
    let source = &signature.source.signature;
    // Of a function with `impl Trait` for an argument, nothing says here which it is.
    if mentions(source.inputs.to_token_stream(), &["impl"]) {
        let name = source.ident.unraw().to_string();
        return quote!(named(::core::concat!(::core::module_path!(), "::", #name)));
    }
    let function = function::path(signature);
    quote!(of(&#function))
}
