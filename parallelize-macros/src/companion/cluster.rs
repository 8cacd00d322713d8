//! `cluster`: what this machine sends to others, and what they make of it.
//!
//! Each value is put and taken by itself, by way of its type as the user wrote it, and in the order of the arguments. So
//! an error names the argument, and one of the compiler's shows where its type stands.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Ident, Lifetime, Type, ext::IdentExt};

use super::{
    attrs, function,
    output::Output,
    tokens::{LOCALS, at, clone, inner_name, item, private_path, temporary, unpack},
};
use crate::{
    options::Options,
    signature::{
        Signature,
        params::{Param, Passing, Role, referent},
        walk::{Part, walk},
    },
};

/// A type of the user's, as that of a value that travels.
struct WireValue<'a> {
    private: &'a TokenStream,
    ty: Type,
    /// How many references there are to it in the signature. It is owned where it arrives.
    references: usize,
    /// What errors call it.
    what: String,
}

impl<'a> WireValue<'a> {
    fn argument(param: &Param<'_>, private: &'a TokenStream) -> Self {
        let (references, ty) = referent(&param.ty);
        Self {
            private,
            ty: with_inferred_lifetimes(ty),
            references,
            what: format!("argument `{}`", param.name.unraw()),
        }
    }

    fn result(output: &Output, private: &'a TokenStream) -> Self {
        let nothing = || Type::Tuple(syn::parse_quote!(()));
        Self {
            private,
            ty: output
                .returned()
                .map_or_else(nothing, with_inferred_lifetimes),
            references: 0,
            what: "the result".to_owned(),
        }
    }

    /// What it travels by.
    fn method(&self, name: &str) -> TokenStream {
        let ty = &self.ty;
        let span = at(ty);
        let family = |name| private_path(span, self.private, &["cluster", name]);
        let (family, owned) = if self.references > 0 {
            (family("TravelsAs"), Some(quote_spanned!(span=> <_>)))
        } else {
            (family("Travels"), None)
        };
        let name = Ident::new(name, span);
        quote_spanned!(span=> <#ty as #family #owned>::#name)
    }

    /// Appends `value`, which is a reference, to `into`.
    fn put(&self, value: &TokenStream, into: &Ident) -> TokenStream {
        let (put, what) = (self.method("put"), &self.what);
        quote!(#put(#value, #what, #into))
    }

    /// Takes a value off `from`.
    fn take(&self, from: &Ident) -> TokenStream {
        let (take, what) = (self.method("take"), &self.what);
        quote!(#take(#what, #from))
    }

    /// What the function wants where `owned` has come, which is a reference: another one.
    fn lent(&self, owned: &TokenStream) -> TokenStream {
        let (ty, others) = (&self.ty, (1..self.references).map(|_| quote!(&)));
        quote!(#(#others)* ::core::borrow::Borrow::<#ty>::borrow(#owned))
    }
}

/// `ty` in a body, where the compiler finds the lifetimes that have names in the signature.
fn with_inferred_lifetimes(ty: &Type) -> Type {
    let mut ty = ty.clone();
    walk(&mut ty, &mut |part| {
        if let Part::Lifetime(Some(lifetime)) = part {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
    });
    ty
}

// Output:
//     let constants = constants(|into| { put(&steps, into)?; put(model, into)?; Ok(()) });
pub(super) fn constants(
    options: &Options,
    signature: &Signature<'_>,
    private: &TokenStream,
    is_owned: bool,
) -> Option<TokenStream> {
    options.cluster.as_ref()?;
    let (all, into) = (temporary("constants"), temporary("into"));
    let is_moved = |param: &Param<'_>| is_owned && param.is_cloned();
    let puts = signature.constants().map(|param| {
        let (cfgs, mut name) = (param.cfgs(), param.name.clone());
        if is_moved(param) {
            name = inner_name(param);
        }
        let put = WireValue::argument(param, private).put(&quote!(&#name), &into);
        quote!(#(#cfgs)* #put?;)
    });
    let mut put = quote!(|#into| { #(#puts)* ::core::result::Result::Ok(()) });
    if is_owned {
        // What evaluates items needs them, too.
        let clones = signature.constants().filter(|param| is_moved(param));
        let clones = clones.map(|param| {
            let (cfgs, inner, name) = (param.cfgs(), inner_name(param), &param.name);
            let clone = clone(&param.ty);
            quote!(#(#cfgs)* let #inner = #clone(&#name);)
        });
        put = quote!({ #(#clones)* move #put });
    }
    Some(quote!(let #all = #private::cluster::constants(#put);))
}

// Output:
//     .distributed("app::simulate", constants, |seed, into| .., |from| ..)
pub(super) fn distributed(
    options: &Options,
    signature: &Signature<'_>,
    private: &TokenStream,
) -> Option<TokenStream> {
    options.cluster.as_ref()?;
    let name = name(signature);
    let [constants, into, from] = ["constants", "into", "from"].map(temporary);
    let item = item(signature);
    let puts = signature.varying().into_iter().map(|param| {
        let item = inner_name(param).into_token_stream();
        WireValue::argument(param, private).put(&item, &into)
    });
    let take = WireValue::result(&Output::unprocessed(signature), private).take(&from);
    Some(quote! {
        .distributed(
            #name,
            #constants,
            |#item, #into| { #(#puts?;)* ::core::result::Result::Ok(()) },
            |#from| #take,
        )
    })
}

/// Under which the function is known everywhere.
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
//                 let constants = ((((), take(from)?), take(from)?);
//                 Function { constants, take: |from| .., local: |_| (), apply: |(), constants, seed| simulate(..), .. }.begun()
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
    let local = local(signature, private);
    let apply = apply(signature, private);
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
        let (name, take) = (
            inner_name(param),
            WireValue::argument(param, private).take(&from),
        );
        quote!(let #name = #take?;)
    });
    let item = item(signature);
    quote!(|#from| { #(#taken)* ::core::result::Result::Ok(#item) })
}

// Output:
//     |_| ()
// or, with locals,
//     |constants| { let (constants, model) = constants; let locals = (); let locals = (locals, expr); locals }
fn local(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let constants = temporary("constants");
    let all = Ident::new(LOCALS, Span::mixed_site());
    let mut locals = signature.locals().peekable();
    if locals.peek().is_none() {
        return quote!(|_| ());
    }
    let taken = unpack(&constants, signature.constants());
    let function = &signature.source.signature.ident;
    let named = signature.constants_of_locals().map(|param| {
        let (cfgs, value) = (param.cfgs(), constant(param, private));
        // That of the function has another name where the function is called.
        let name = match param.argument {
            FnArg::Typed(argument) if param.name == *function => argument.pat.to_token_stream(),
            _ => param.name.to_token_stream(),
        };
        quote!(#(#cfgs)* let #name = #value;)
    });
    let values = locals.map(|(param, value)| {
        let (cfgs, span) = (param.cfgs(), inner_name(param).span());
        let all = Ident::new(LOCALS, span);
        quote_spanned!(span=> #(#cfgs)* let #all = (#all, #value);)
    });
    quote!(|#constants| { #taken #(#named)* let #all = (); #(#values)* #all })
}

// Output:
//     |(), constants, seed| { let (constants, model) = constants; simulate(seed, model.borrow()) }
fn apply(signature: &Signature<'_>, private: &TokenStream) -> TokenStream {
    let constants = temporary("constants");
    let all = Ident::new(LOCALS, Span::mixed_site());
    let item = item(signature);
    let taken = unpack(&constants, signature.constants());
    let locals = unpack(&all, signature.locals().map(|(param, _)| param));
    let call = function::call(signature, |param| {
        let name = inner_name(param);
        match &param.role {
            Role::Constant(_) => constant(param, private),
            Role::Varying { .. } if referent(&param.ty).0 > 0 => {
                WireValue::argument(param, private).lent(&quote!(&#name))
            }
            Role::Varying { .. } | Role::Local(_) => name.to_token_stream(),
        }
    });
    quote!(|#all, #constants, #item| { #taken #locals #call })
}

/// A constant that has come, as the function wants it.
fn constant(param: &Param<'_>, private: &TokenStream) -> TokenStream {
    let name = inner_name(param).into_token_stream();
    match Passing::of(&param.ty) {
        Passing::Shared => WireValue::argument(param, private).lent(&name),
        Passing::Copied => quote!(*#name),
        Passing::Cloned => {
            let clone = clone(&with_inferred_lifetimes(&param.ty));
            quote!(#clone(#name))
        }
    }
}
