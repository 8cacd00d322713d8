//! What a companion returns: a `Vec`, or what `skip_none` and `fail_fast` make of it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericArgument, Generics, Ident, PathArguments, Type, parse_quote_spanned};

use super::{
    opaque,
    tokens::{at, private_path, spelled},
};
use crate::{options::Options, signature::Signature};

/// The type that one call returns, taken apart as the options require.
pub(super) struct Output {
    returned: Option<Type>,
    /// With `fail_fast`: the option, and both types in the `Result`.
    fail: Option<(Ident, [Type; 2])>,
    /// With `skip_none`: the option, and the type in the `Option`.
    skip: Option<(Ident, Type)>,
}

impl Output {
    pub(super) fn of(options: &Options, signature: &Signature<'_>, private: &TokenStream) -> Self {
        let mut output = Self::unprocessed(signature);
        if let (Some(key), Some(ty)) = (&options.fail_fast, &output.returned) {
            let sides = arguments(ty, "Result").unwrap_or_else(|| {
                ["Ok", "Err"].map(|side| part(key, ty, private, "Fallible", side))
            });
            output.fail = Some((key.clone(), sides));
        }
        if let (Some(key), Some(ty)) = (&options.skip_none, output.item()) {
            let [some] = arguments(ty, "Option")
                .unwrap_or_else(|| [part(key, ty, private, "Optional", "Some")]);
            output.skip = Some((key.clone(), some));
        }
        output
    }

    /// Returns the type that the companion collects.
    fn item(&self) -> Option<&Type> {
        match (&self.skip, &self.fail) {
            (Some((_, some)), _) => Some(some),
            (None, Some((_, [ok, _]))) => Some(ok),
            (None, None) => self.returned.as_ref(),
        }
    }

    /// Returns the type that one call returns, unless it returns nothing.
    pub(super) fn returned(&self) -> Option<&Type> {
        self.returned.as_ref()
    }

    /// Returns the types of values that move between threads.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Type> {
        let error = self.fail.as_ref().map(|(_, [_, error])| error);
        self.item().into_iter().chain(error)
    }

    pub(super) fn fails(&self) -> bool {
        self.fail.is_some()
    }

    pub(super) fn skips(&self) -> bool {
        self.skip.is_some()
    }

    /// Returns the companion's return type: `-> Vec<f64>`.
    pub(super) fn return_type(
        &self,
        generics: &Generics,
        private: &TokenStream,
    ) -> Option<TokenStream> {
        let item = opaque::result(self.item()?, generics);
        let span = self.span();
        // Not `::std::vec::Vec`: a `no_std` crate has no `::std`.
        let vec = private_path(span, private, &["Vec"]);
        let results = quote_spanned!(span=> #vec<#item>);
        let Some((_, [_, error])) = &self.fail else {
            return Some(quote!(-> #results));
        };
        let error = opaque::result(error, generics);
        Some(quote_spanned!(span=> -> ::core::result::Result<#results, #error>))
    }

    /// Returns the type that one call returns, as it is.
    pub(super) fn unprocessed(signature: &Signature<'_>) -> Self {
        Self {
            returned: signature.output.clone(),
            fail: None,
            skip: None,
        }
    }

    /// Returns the type of the job: `Job<impl Items<u64>, impl Work<u64, Output = f64>>`.
    pub(super) fn job_type(
        &self,
        item: &TokenStream,
        options: &Options,
        generics: &Generics,
    ) -> TokenStream {
        let root = options.root();
        let isolatable = options
            .cluster
            .as_ref()
            .map(|_| quote!(+ #root::Isolatable));
        let returned = self
            .returned
            .as_ref()
            .map(|returned| opaque::result(returned, generics));
        let output = returned.map_or_else(|| quote!(()), ToTokens::into_token_stream);
        // These tokens have the edition of this crate, 2024, in which an `impl Trait` captures all
        // lifetimes.
        quote_spanned! {self.span()=>
            #root::Job<impl #root::Items<#item>, impl #root::Work<#item, Output = #output> #isolatable>
        }
    }

    /// Returns the place of the option that determines the results, or else that of their type.
    pub(super) fn span(&self) -> Span {
        let fail = self.fail.as_ref().map(|(key, _)| at(key));
        let skip = self.skip.as_ref().map(|(key, _)| at(key));
        let returned = self.returned.as_ref().map(at);
        skip.or(fail).or(returned).unwrap_or_else(Span::mixed_site)
    }

    /// Returns the type of one result, for a turbofish. It has the tokens of the user's type, so
    /// that an error about a result shows there.
    pub(super) fn result(&self) -> TokenStream {
        self.returned.as_ref().map_or_else(|| quote!(_), spelled)
    }

    /// Runs `job` and returns its results.
    pub(super) fn collect(&self, job: &TokenStream, private: &TokenStream) -> TokenStream {
        let mut results = if let Some((key, _)) = &self.fail {
            let fail_fast = private_path(at(key), private, &["fail_fast"]);
            quote_spanned!(at(key)=> #fail_fast({ #job }))
        } else {
            let result = self.result();
            quote!(#job.collect::<#result>())
        };
        if let Some((key, _)) = &self.skip {
            let somes = private_path(at(key), private, &["somes"]);
            results = if self.fails() {
                quote_spanned!(at(key)=> { #results }.map(#somes))
            } else {
                quote_spanned!(at(key)=> #somes({ #results }))
            };
        }
        let end = self.returned.is_none().then(|| quote!(;));
        quote!(#results #end)
    }
}

/// Returns `<ty as family>::name`, for types that are aliases. If the type does not fit, the error
/// shows at `key`.
fn part(key: &Ident, ty: &Type, private: &TokenStream, family: &str, name: &str) -> Type {
    let family = private_path(at(key), private, &[family]);
    let span = at(key);
    let name = Ident::new(name, span);
    parse_quote_spanned!(span=> <#ty as #family>::#name)
}

/// Returns the arguments of a type called `name`, which is most likely that of the standard
/// library.
///
/// If `name` is an alias of it, the companion spells the same type differently. If it is another
/// type, the companion does not compile.
fn arguments<const N: usize>(ty: &Type, name: &str) -> Option<[Type; N]> {
    let ty = match ty {
        Type::Group(group) => return arguments(&group.elem, name),
        Type::Paren(paren) => return arguments(&paren.elem, name),
        Type::Path(ty) if ty.qself.is_none() => ty,
        _ => return None,
    };
    let last = ty.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(generics) = &last.arguments else {
        return None;
    };
    let types = generics.args.iter().map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    types.collect::<Option<Vec<Type>>>()?.try_into().ok()
}
