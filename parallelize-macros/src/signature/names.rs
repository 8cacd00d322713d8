//! Names that we invent, none of which stands in the signature already.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{Ident, Lifetime};

#[derive(Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// Keeps every identifier in `tokens` from being invented.
    pub(crate) fn reserve(&mut self, tokens: TokenStream) {
        let mut mark = "";
        for token in tokens {
            match &token {
                TokenTree::Group(group) => self.reserve(group.stream()),
                TokenTree::Ident(ident) => {
                    self.0.insert(format!("{mark}{ident}"));
                }
                _ => {}
            }
            mark = match token {
                TokenTree::Punct(punct) if punct.as_char() == '\'' => "'",
                _ => "",
            };
        }
    }

    /// `base`, with underscores behind it as long as it is taken.
    pub(crate) fn invent(&mut self, base: &str, span: Span) -> Ident {
        Ident::new(&self.free(base), span)
    }

    /// The lifetime `'base`, likewise.
    pub(crate) fn invent_lifetime(&mut self, base: &str) -> Lifetime {
        Lifetime::new(&self.free(&format!("'{base}")), Span::mixed_site())
    }

    fn free(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        while !is_name(&name) || !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// Whether `name` is no keyword.
fn is_name(name: &str) -> bool {
    syn::parse_str::<Ident>(name.trim_start_matches('\'')).is_ok()
}

/// The identifier that prints as `name`, which may be a raw one.
pub(crate) fn ident(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, span),
        None => Ident::new(name, span),
    }
}
