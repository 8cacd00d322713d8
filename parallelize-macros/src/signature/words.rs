//! The words in a stream of tokens.

use std::iter;

use proc_macro2::{TokenStream, TokenTree};

/// Returns whether one of `words` stands anywhere in `tokens`.
pub(crate) fn mentions<W: AsRef<str>>(tokens: TokenStream, words: &[W]) -> bool {
    all(tokens).any(|word| words.iter().any(|known| word == known.as_ref()))
}

/// Returns whether an expression uses the variable `name`, also in the text of a `format!`.
pub(crate) fn uses(expression: TokenStream, name: &str) -> bool {
    expression.into_iter().any(|token| match token {
        TokenTree::Group(group) => uses(group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let mut inside = text.match_indices('{').map(|(at, _)| &text[at + 1..]);
            inside.any(|inside| {
                let rest = inside.strip_prefix(name);
                rest.is_some_and(|rest| rest.starts_with(['}', ':']))
            })
        }
        TokenTree::Punct(_) => false,
    })
}

/// Returns all words in `tokens`.
pub(super) fn all(tokens: TokenStream) -> Box<dyn Iterator<Item = String>> {
    Box::new(tokens.into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => all(group.stream()),
        TokenTree::Ident(ident) => Box::new(iter::once(ident.to_string())),
        _ => Box::new(iter::empty()),
    }))
}
