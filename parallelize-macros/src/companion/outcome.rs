//! What comes out of the companion: a `Vec`, or what `skip_none` and `fail_fast` make of it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericArgument, Generics, Ident, PathArguments, Type, parse_quote_spanned};

use super::{
    bounds,
    tokens::{self, at, within},
};
use crate::{options::Options, signature::Signature};

/// What one call returns, taken apart as far as the options ask for it.
pub(super) struct Outcome {
    whole: Option<Type>,
    /// With `fail_fast`, what is in the `Result`.
    fail: Option<(Ident, [Type; 2])>,
    /// With `skip_none`, what is in the `Option`.
    skip: Option<(Ident, Type)>,
}

impl Outcome {
    pub(super) fn of(options: &Options, signature: &Signature<'_>, private: &TokenStream) -> Self {
        let mut outcome = Self::plain(signature);
        if let (Some(key), Some(ty)) = (&options.fail_fast, &outcome.whole) {
            let sides = arguments(ty, "Result").unwrap_or_else(|| {
                ["Ok", "Err"].map(|side| part(key, ty, private, "Fallible", side))
            });
            outcome.fail = Some((key.clone(), sides));
        }
        if let (Some(key), Some(ty)) = (&options.skip_none, outcome.item()) {
            let [some] = arguments(ty, "Option")
                .unwrap_or_else(|| [part(key, ty, private, "Optional", "Some")]);
            outcome.skip = Some((key.clone(), some));
        }
        outcome
    }

    /// What the companion collects.
    fn item(&self) -> Option<&Type> {
        match (&self.skip, &self.fail) {
            (Some((_, some)), _) => Some(some),
            (None, Some((_, [ok, _]))) => Some(ok),
            (None, None) => self.whole.as_ref(),
        }
    }

    /// What one call returns, unless it is nothing.
    pub(super) fn whole(&self) -> Option<&Type> {
        self.whole.as_ref()
    }

    /// The types that go from thread to thread.
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

    /// `-> Vec<f64>`
    pub(super) fn output(&self, generics: &Generics, private: &TokenStream) -> Option<TokenStream> {
        let item = bounds::result(self.item()?, generics);
        let span = self.span();
        // Not by way of `::std`, which a `no_std` crate does not see.
        let vec = within(span, private, &["Vec"]);
        let results = quote_spanned!(span=> #vec<#item>);
        let Some((_, [_, error])) = &self.fail else {
            return Some(quote!(-> #results));
        };
        let error = bounds::result(error, generics);
        Some(quote_spanned!(span=> -> ::core::result::Result<#results, #error>))
    }

    /// What one call returns, whatever the options make of it.
    pub(super) fn plain(signature: &Signature<'_>) -> Self {
        Self {
            whole: signature.output.clone(),
            fail: None,
            skip: None,
        }
    }

    /// `Job<impl Iterator<Item = u64> + Send, impl Work<u64, Output = f64>>`
    pub(super) fn job(
        &self,
        item: &TokenStream,
        private: &TokenStream,
        generics: &Generics,
    ) -> TokenStream {
        let whole = self
            .whole
            .as_ref()
            .map(|whole| bounds::result(whole, generics));
        let output = whole.map_or_else(|| quote!(()), ToTokens::into_token_stream);
        // Tokens of ours are of the edition of this crate, in which such a type holds all lifetimes.
        quote_spanned! {self.span()=>
            #private::Job<
                impl ::core::iter::Iterator<Item = #item> + ::core::marker::Send,
                impl #private::Work<#item, Output = #output>,
            >
        }
    }

    /// The place of what decides about results: an option, or their type.
    pub(super) fn span(&self) -> Span {
        let fail = self.fail.as_ref().map(|(key, _)| at(key));
        let skip = self.skip.as_ref().map(|(key, _)| at(key));
        let whole = self.whole.as_ref().map(at);
        skip.or(fail).or(whole).unwrap_or_else(Span::mixed_site)
    }

    /// What a worker gives for one item. What the engine asks of results shows where their type is spelled.
    pub(super) fn result(&self) -> TokenStream {
        match (&self.fail, &self.whole) {
            (Some((_, sides)), _) => {
                let sides = sides.iter().map(spelled);
                quote!(::core::result::Result<#(#sides),*>)
            }
            (None, Some(whole)) => tokens::spelled(whole),
            (None, None) => quote!(_),
        }
    }

    /// What a worker makes of a call.
    pub(super) fn judge(&self, call: TokenStream, private: &TokenStream) -> TokenStream {
        match &self.fail {
            Some((key, _)) => {
                let into_result = within(at(key), private, &["Fallible", "into_result"]);
                quote_spanned!(at(key)=> #into_result({ #call }))
            }
            None => call,
        }
    }

    /// Runs `job`.
    pub(super) fn run(&self, job: &TokenStream, private: &TokenStream) -> TokenStream {
        let mut results = if let Some((_, sides)) = &self.fail {
            let sides = sides.iter().map(spelled);
            quote!(#private::without_index(#job.try_collect::<#(#sides),*>()))
        } else {
            let result = self.result();
            quote!(#job.collect::<#result>())
        };
        if let Some((key, _)) = &self.skip {
            let somes = within(at(key), private, &["somes"]);
            results = if self.fails() {
                quote_spanned!(at(key)=> { #results }.map(#somes))
            } else {
                quote_spanned!(at(key)=> #somes({ #results }))
            };
        }
        let end = self.whole.is_none().then(|| quote!(;));
        quote!(#results #end)
    }
}

/// `<ty as family>::name`, for types that only the compiler sees through. If it sees something else, that shows at `key`.
fn part(key: &Ident, ty: &Type, private: &TokenStream, family: &str, name: &str) -> Type {
    let family = within(at(key), private, &[family]);
    let span = at(key);
    let name = Ident::new(name, span);
    parse_quote_spanned!(span=> <#ty as #family>::#name)
}

/// `ty` in the body, where a projection that fails would complain a second time.
fn spelled(ty: &Type) -> TokenStream {
    match ty {
        Type::Path(path) if path.qself.is_some() => quote!(_),
        ty => tokens::spelled(ty),
    }
}

/// The arguments of a type that is called `name`, as that of the standard library mostly is.
///
/// Where it is not, the companion has the same type in other words, or it does not compile.
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
