//! The constants of a job. It holds them apart from its closures, so that it can also encode them,
//! or compute its key from them.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{clone, temporary, unpack};
use crate::signature::Signature;

// Output:
//     move || {
//         let constants = ();
//         let constants = (constants, steps);
//         let constants = (constants, Clone::clone(&names));
//         constants
//     }
// A closure, and not a tuple, because of the errors: the compiler knows the captures of a closure
// last. So if a constant is not `Sync`, it reports that at the user's type, and not here again.
pub(super) fn held(signature: &Signature<'_>) -> TokenStream {
    let all = temporary("constants");
    let values = signature.constants().map(|param| {
        let (cfgs, name) = (param.cfgs(), &param.name);
        let value = if param.is_cloned() {
            let clone = clone(&param.ty);
            quote!(#clone(&#name))
        } else {
            quote!(#name)
        };
        quote!(#(#cfgs)* let #all = (#all, #value);)
    });
    let values: TokenStream = values.collect();
    if values.is_empty() {
        return quote!(());
    }
    quote!(move || { let #all = (); #values #all })
}

/// Takes each constant, as the function takes it, out of a reference to what is held.
pub(super) fn values(signature: &Signature<'_>) -> TokenStream {
    let all = temporary("constants");
    let values = unpack(&all, signature.constants());
    let made = (!values.is_empty()).then(|| quote!(let #all = #all();));
    quote!(#made #values)
}
