//! Values that other machines receive. Each is encoded and decoded by itself, through its type as
//! the user wrote it. So an error at run time names the argument, and a compile error shows
//! the type.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Lifetime, Type, ext::IdentExt, parse_quote};

use super::{
    output::Output,
    tokens::{at, private_path},
};
use crate::signature::{
    params::{Param, referent},
    walk::{Part, walk},
};

/// The type of a value that is sent.
pub(super) struct WireValue<'a> {
    private: &'a TokenStream,
    pub(super) ty: Type,
    /// The number of references to it in the signature. The receiver owns it.
    references: usize,
    /// Its name in errors.
    label: String,
}

impl<'a> WireValue<'a> {
    pub(super) fn argument(param: &Param<'_>, private: &'a TokenStream) -> Self {
        let (references, ty) = referent(&param.ty);
        Self {
            private,
            ty: with_inferred_lifetimes(ty),
            references,
            label: format!("argument `{}`", param.name.unraw()),
        }
    }

    pub(super) fn result(output: &Output, private: &'a TokenStream) -> Self {
        let returned = output.returned();
        Self {
            private,
            ty: returned.map_or_else(|| parse_quote!(()), with_inferred_lifetimes),
            references: 0,
            label: "the result".to_owned(),
        }
    }

    /// Returns the function `name` of the trait by which the value travels.
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

    /// Appends `value`, a reference, to `into`.
    pub(super) fn put(&self, value: &TokenStream, into: &Ident) -> TokenStream {
        let (put, label) = (self.method("put"), &self.label);
        quote!(#put(#value, #label, #into))
    }

    /// Takes a value off `from`.
    pub(super) fn take(&self, from: &Ident) -> TokenStream {
        let (take, label) = (self.method("take"), &self.label);
        quote!(#take(#label, #from))
    }

    /// Returns the reference that the function takes, given a reference to the `owned` value.
    pub(super) fn borrowed(&self, owned: &TokenStream) -> TokenStream {
        let (ty, others) = (&self.ty, (1..self.references).map(|_| quote!(&)));
        quote!(#(#others)* ::core::borrow::Borrow::<#ty>::borrow(#owned))
    }
}

/// Returns `ty` for a body, where the compiler infers the lifetimes that the signature names.
pub(super) fn with_inferred_lifetimes(ty: &Type) -> Type {
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
