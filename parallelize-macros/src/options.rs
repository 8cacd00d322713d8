//! What stands in the parentheses of `#[parallel(..)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Error, Ident, Path, Result, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream, Parser},
};

use crate::errors::Errors;

const EXPECTED: &str = "expected `over(..)`, `name = ..` or `crate = ..`";

#[derive(Default)]
pub(crate) struct Options {
    /// The argument that varies.
    pub(crate) over: Option<Ident>,
    name: Option<Ident>,
    crate_path: Option<Path>,
}

impl Options {
    /// As much of `args` as can be understood.
    pub(crate) fn new(args: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = options.parse_one(input, errors) {
                    errors.add(error);
                    skip_one(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(args) {
            errors.add(error);
        }
        options
    }

    fn parse_one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
        let key = input
            .call(Ident::parse_any)
            .map_err(|error| Error::new(error.span(), EXPECTED))?;
        let repeated = match key.to_string().as_str() {
            "over" => {
                let content;
                parenthesized!(content in input);
                let name = content.call(Ident::parse_any)?;
                if !content.is_empty() {
                    return Err(content.error("`over` takes one argument"));
                }
                self.over.replace(name).is_some()
            }
            "name" => self.name.replace(value(input, Parse::parse)?).is_some(),
            "crate" => self
                .crate_path
                .replace(value(input, absolute_path)?)
                .is_some(),
            _ => {
                return Err(Error::new_spanned(
                    &key,
                    format!("unknown option `{key}`; {EXPECTED}"),
                ));
            }
        };
        if repeated {
            errors.push(&key, format!("`{key}` is given twice"));
        }
        Ok(())
    }

    /// The name of the companion of `function`.
    pub(crate) fn companion(&self, function: &Ident) -> Ident {
        // With this span no lint holds the user to account for it.
        let span = Span::mixed_site().located_at(function.span());
        match &self.name {
            Some(name) => name.clone(),
            None => format_ident!("{function}_parallel", span = span),
        }
    }

    /// Where generated code finds what it calls.
    pub(crate) fn private(&self) -> TokenStream {
        let path = self.crate_path.as_ref();
        let path = path.map_or_else(|| quote!(::parallelize), ToTokens::to_token_stream);
        quote!(#path::__private)
    }
}

/// Goes on to the comma behind a mistake, so that others are seen as well.
fn skip_one(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// What follows a key: `= value`.
fn value<T>(input: ParseStream<'_>, parse: fn(ParseStream<'_>) -> Result<T>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.call(parse)
}

fn absolute_path(input: ParseStream<'_>) -> Result<Path> {
    let path = input.call(Path::parse_mod_style)?;
    let absolute = path.leading_colon.is_some()
        || path
            .segments
            .first()
            .is_some_and(|first| first.ident == "crate");
    if absolute {
        Ok(path)
    } else {
        Err(Error::new_spanned(
            path,
            "not an absolute path; begin it with `::` or `crate::`",
        ))
    }
}
