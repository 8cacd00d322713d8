//! Finds the functions on which the attribute may go.

use std::ops::Range;
use std::path::{Path, PathBuf};

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, FnArg, ImplItemFn, ItemFn, Signature, TraitItemFn};

/// A function with an argument besides `self`.
pub struct Function {
    /// Relative to the package.
    pub file: PathBuf,
    pub line: usize,
    /// From the first token behind the attributes to the last one of the body.
    pub bytes: Range<usize>,
    /// As in the file, but in one line.
    pub signature: String,
}

/// Returns the functions in `text`, in the order in which they start.
pub fn all(file: &Path, text: &str) -> syn::Result<Vec<Function>> {
    let mut finder = Finder {
        file,
        text,
        found: Vec::new(),
    };
    finder.visit_file(&syn::parse_file(text)?);
    finder.found.sort_by_key(|function| function.bytes.start);
    Ok(finder.found)
}

struct Finder<'a> {
    file: &'a Path,
    text: &'a str,
    found: Vec<Function>,
}

impl Finder<'_> {
    /// Adds the function that consists of these `tokens`, which include no attributes.
    fn add(&mut self, signature: &Signature, tokens: impl ToTokens, body: Option<&Block>) {
        let takes_argument = |arg: &FnArg| matches!(arg, FnArg::Typed(_));
        if !signature.inputs.iter().any(takes_argument) {
            return;
        }
        let tokens: Vec<TokenTree> = tokens.into_token_stream().into_iter().collect();
        let [first, .., last] = tokens.as_slice() else {
            return;
        };
        let bytes = first.span().byte_range().start..last.span().byte_range().end;
        let end = body.map_or(bytes.end, |body| {
            body.brace_token.span.open().byte_range().start
        });
        let words = self.text[bytes.start..end].split_whitespace();
        self.found.push(Function {
            file: self.file.to_owned(),
            line: first.span().start().line,
            signature: words.collect::<Vec<_>>().join(" "),
            bytes,
        });
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            let attrs = Vec::new();
            self.add(
                &item.sig,
                ItemFn {
                    attrs,
                    ..item.clone()
                },
                Some(&item.block),
            );
        }
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        let attrs = Vec::new();
        self.add(
            &item.sig,
            ImplItemFn {
                attrs,
                ..item.clone()
            },
            Some(&item.block),
        );
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        let attrs = Vec::new();
        self.add(
            &item.sig,
            TraitItemFn {
                attrs,
                ..item.clone()
            },
            item.default.as_ref(),
        );
        visit::visit_trait_item_fn(self, item);
    }
}

fn is_test(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signatures(text: &str) -> Vec<String> {
        let found = all(Path::new("a.rs"), text).unwrap();
        found
            .into_iter()
            .map(|function| function.signature)
            .collect()
    }

    #[test]
    fn functions_with_arguments_are_found() {
        let text = "
            fn a(x: u8) { const fn b(x: u8) {} }
            impl A { /// Docs. é
                #[inline] pub(crate) unsafe fn c(&self, x: u8) -> u8
                where Self: Copy { x } }
            trait B { fn d(x: u8); fn e(self, x: u8) {} }
            mod m { async fn f(x: u8) {} }";
        let expected = [
            "fn a(x: u8)",
            "const fn b(x: u8)",
            "pub(crate) unsafe fn c(&self, x: u8) -> u8 where Self: Copy",
            "fn d(x: u8);",
            "fn e(self, x: u8)",
            "async fn f(x: u8)",
        ];
        assert_eq!(signatures(text), expected);
    }

    #[test]
    fn others_are_not_found() {
        let text = "
            fn main() {}
            #[test] fn a(x: u8) {}
            impl A { fn b(&self) {} }
            extern \"C\" { fn c(x: u8); }
            macro_rules! m { () => { fn d(x: u8) {} } }";
        assert_eq!(signatures(text), [""; 0]);
    }
}
