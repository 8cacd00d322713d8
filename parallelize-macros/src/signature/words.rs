//! The words in a stream of tokens.

use std::iter;

use proc_macro2::{TokenStream, TokenTree};

/// Returns whether one of `words` stands anywhere in `tokens`.
pub(crate) fn mentions<W: AsRef<str>>(tokens: TokenStream, words: &[W]) -> bool {
    all(tokens).any(|word| words.iter().any(|known| word == known.as_ref()))
}

/// Returns all words in `tokens`.
pub(super) fn all(tokens: TokenStream) -> Box<dyn Iterator<Item = String>> {
    Box::new(tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => all(group.stream()),
        TokenTree::Ident(ident) => Box::new(iter::once(ident.to_string())),
        _ => Box::new(iter::empty()),
    }))
}
