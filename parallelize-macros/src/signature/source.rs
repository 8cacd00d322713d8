//! The annotated function, as far as it has to be understood.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, Result, Token, Visibility,
    parse::{Parse, ParseStream},
};

use super::words::mentions;

/// The annotated function. The body stays raw: errors in it are the compiler's to report, and half of one is enough.
pub(crate) struct SourceFn {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) signature: syn::Signature,
    /// None for a method that a trait only declares.
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
                    "expected a function; `#[parallel]` works on nothing else",
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
    /// Whether this has to stand in an impl or a trait.
    pub(crate) fn signature_mentions_self(&self) -> bool {
        let signature = self.signature.to_token_stream();
        self.signature.receiver().is_some() || mentions(signature, &["Self"])
    }

    /// Whether the body looks as if it stood in an impl or a trait.
    pub(crate) fn body_mentions_self(&self) -> bool {
        self.body.as_ref().is_some_and(|body| {
            mentions(body.clone(), &["Self"]) && !mentions(body.clone(), &["impl", "trait"])
        })
    }
}
