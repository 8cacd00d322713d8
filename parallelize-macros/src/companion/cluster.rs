//! The option `cluster`: what this machine sends to others, and the job that they make of it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::{
    attrs, closures, constants,
    output::Output,
    tokens::{clone, inner_name, item, position, temporary, unpack},
    wire::{WireValue, with_inferred_lifetimes},
};
use crate::{
    options::Options,
    signature::{
        Signature,
        params::{Param, Passing, Role, referent},
    },
};

// Output:
//     .distributed(
//         "app::simulate",
//         |constants, into| { let ((), steps) = constants(); put(&steps, into)?; Ok(()) },
//         |seed, into| ..,
//         |from| ..,
//     )
pub(super) fn distributed(
    options: &Options,
    signature: &Signature<'_>,
    private: &TokenStream,
) -> Option<TokenStream> {
    options.cluster.as_ref()?;
    let name = name(signature);
    let [all, into, from] = ["constants", "into", "from"].map(temporary);
    let values = constants::values(signature);
    let put = |param: &Param<'_>| {
        let (cfgs, value) = (param.cfgs(), inner_name(param));
        let value = if param.is_constant() {
            quote!(&#value)
        } else if param.accepts_owners() {
            let ty = &param.ty;
            quote!(&#private::Item::<#ty>::item(*#value))
        } else {
            value.into_token_stream()
        };
        let put = WireValue::argument(param, private).put(&value, &into);
        quote!(#(#cfgs)* #put?;)
    };
    let put_constants = signature.constants().map(put);
    let item = item(signature);
    let put_item = signature.varying().into_iter().map(put);
    let position = position();
    let put_position = signature
        .has_positions()
        .then(|| quote!(<::core::primitive::usize as #private::cluster::Travels>::put(&#position, "a position", #into)?;));
    let take = WireValue::result(&Output::unprocessed(signature), private).take(&from);
    Some(quote! {
        .distributed(
            #name,
            |#all, #into| { #values #(#put_constants)* ::core::result::Result::Ok(()) },
            |#item, #into| { #put_position #(#put_item)* ::core::result::Result::Ok(()) },
            |#from| #take,
        )
    })
}

/// Returns the name under which all machines know the function.
fn name(signature: &Signature<'_>) -> TokenStream {
    let function = signature.source.signature.ident.unraw().to_string();
    quote!(::core::concat!(::core::module_path!(), "::", #function))
}

// Output:
//     const _: () = {
//         #[distributed_slice(FUNCTIONS)]
//         static __ENTRY: Entry = Entry {
//             name: "app::simulate",
//             begin: |from| {
//                 let constants = ();
//                 let constants = (constants, take(from)?);
//                 Function { constants, take: |from| .., local: |_| (), apply: .., .. }.begun()
//             },
//         };
//     };
pub(super) fn registration(
    options: &Options,
    signature: &Signature<'_>,
    output: &Output,
    private: &TokenStream,
) -> Option<TokenStream> {
    options.cluster.as_ref()?;
    let cluster = quote!(#private::cluster);
    let attrs = attrs::lint_attrs(&signature.source.attrs);
    let name = name(signature);
    let [constants, from, into, result] = ["constants", "from", "into", "result"].map(temporary);
    let taken = signature.constants().map(|param| {
        let (cfgs, take) = (
            param.cfgs(),
            WireValue::argument(param, private).take(&from),
        );
        quote!(#(#cfgs)* let #constants = (#constants, #take?);)
    });
    let take = take_item(signature, private);
    let argument = |param: &Param<'_>| argument(param, private);
    let references = unpack(&constants, signature.constants());
    let local = closures::local(signature, &references, |param| Some(argument(param)));
    let bound = |param: &Param<'_>| Some(argument(param));
    let apply = closures::apply(signature, private, &references, argument, bound);
    let output = WireValue::result(output, private);
    let (ty, put) = (&output.ty, output.put(&result.to_token_stream(), &into));
    Some(quote! {
        #attrs
        const _: () = {
            #[#cluster::linkme::distributed_slice(#cluster::FUNCTIONS)]
            #[linkme(crate = #cluster::linkme)]
            static __ENTRY: #cluster::Entry = #cluster::Entry {
                name: #name,
                begin: |#from| {
                    let #constants = ();
                    #(#taken)*
                    #cluster::Function {
                        constants: #constants,
                        take: #take,
                        local: #local,
                        apply: #apply,
                        fails: |#result: &#ty| {
                            use #cluster::NeverFails as _;
                            #cluster::Verdict(#result).is_failure()
                        },
                        put: |#result, #into| #put,
                    }
                    .begun()
                },
            };
        };
    })
}

// Output:
//     |from| { let seed = take(from)?; Ok(seed) }
fn take_item(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let from = temporary("from");
    let taken = signature.varying().into_iter().map(|param| {
        let name = inner_name(param);
        let take = WireValue::argument(param, private).take(&from);
        quote!(let #name = #take?;)
    });
    let (item, position) = (item(signature), position());
    let taken_position = signature.has_positions().then(|| {
        let take = quote!(<::core::primitive::usize as #private::cluster::Travels>::take);
        quote!(let #position = #take("a position", #from)?;)
    });
    quote!(|#from| { #taken_position #(#taken)* ::core::result::Result::Ok(#item) })
}

/// Returns what the function gets for an argument on a machine that received it.
fn argument(param: &Param<'_>, private: &TokenStream) -> TokenStream {
    let name = inner_name(param).into_token_stream();
    match &param.role {
        Role::Constant(Passing::Shared) => WireValue::argument(param, private).borrowed(&name),
        Role::Constant(Passing::Copied) => quote!(*#name),
        Role::Constant(Passing::Cloned) => {
            let clone = clone(&with_inferred_lifetimes(&param.ty));
            quote!(#clone(#name))
        }
        Role::Varying { .. } if referent(&param.ty).0 > 0 => {
            WireValue::argument(param, private).borrowed(&quote!(&#name))
        }
        Role::Varying { .. } | Role::Local(_) | Role::Each(_) => name,
    }
}
