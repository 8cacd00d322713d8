//! Parses the annotated function, except for its body.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, Result, Token, Visibility,
    parse::{Parse, ParseStream},
};

use super::words::mentions;

/// The annotated function. The body stays raw: the compiler reports errors in it, and editors can
/// expand the attribute above a half-written one.
pub(crate) struct SourceFn {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) signature: syn::Signature,
    /// Absent for a method that a trait only declares.
    pub(crate) body: Option<TokenStream>,
}

impl Parse for SourceFn {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let start = input.cursor().token_tree().map(|(token, _)| token);
        input.parse::<Option<Token![safe]>>()?;
        let signature = input.parse().map_err(|error| {
            if starts_function(start.as_ref()) {
                error
            } else {
                Error::new_spanned(
                    start,
                    "expected a function; `#[parallel]` works on functions only",
                )
            }
        })?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            Some(input.parse()?)
        };
        Ok(Self {
            attrs,
            vis,
            signature,
            body,
        })
    }
}

fn starts_function(token: Option<&TokenTree>) -> bool {
    token.is_some_and(|token| {
        ["const", "async", "unsafe", "extern", "fn"].contains(&token.to_string().as_str())
    })
}

impl SourceFn {
    /// Returns whether the signature is only valid in an impl or a trait.
    pub(crate) fn signature_mentions_self(&self) -> bool {
        let signature = self.signature.to_token_stream();
        self.signature.receiver().is_some() || mentions(signature, &["Self"])
    }

    /// Returns whether the body uses a `Self` from around the function.
    pub(crate) fn body_mentions_self(&self) -> bool {
        self.body.as_ref().is_some_and(|body| {
            mentions(body.clone(), &["Self"]) && !mentions(body.clone(), &["impl", "trait"])
        })
    }
}
