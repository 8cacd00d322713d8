//! Invents names, none of which stands in the signature already.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{Ident, Lifetime};

#[derive(Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// Marks every identifier in `tokens` as taken.
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

    /// Returns `base`, with underscores appended until it is free.
    pub(crate) fn invent(&mut self, base: &str, span: Span) -> Ident {
        Ident::new(&self.free_name(base), span)
    }

    /// Like [`invent`](Self::invent), but returns the lifetime `'base`.
    pub(crate) fn invent_lifetime(&mut self, base: &str) -> Lifetime {
        Lifetime::new(&self.free_name(&format!("'{base}")), Span::mixed_site())
    }

    fn free_name(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        while !is_identifier(&name) || !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// Returns whether `name` is an identifier, and not a keyword.
fn is_identifier(name: &str) -> bool {
    syn::parse_str::<Ident>(name.trim_start_matches('\'')).is_ok()
}

/// Returns the identifier that prints as `name`, which may be a raw one.
pub(crate) fn ident(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, span),
        None => Ident::new(name, span),
    }
}
