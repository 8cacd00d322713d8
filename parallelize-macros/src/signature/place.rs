//! Finds out where the function stands, which its own tokens do not say.
//!
//! An attribute on `fn area(r: f64) -> f64` sees the same tokens in a module, where the companion
//! has to call `area`, and in an impl, where it has to call `Self::area`. The wrong one of the two
//! does not compile, and a macro cannot resolve names. So this reads the file and looks at the
//! braces around the function.

use std::fs;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Generics, Ident, ItemImpl, ItemTrait, Type, parse::Parse};

use super::{blocks::Blocks, generics, source::SourceFn, words};

#[derive(Clone)]
pub(crate) enum Place {
    /// In a module or a block, as far as is known.
    Free,
    /// In an inherent impl. Its header is absent if it could not be read.
    Impl(Option<Box<ImplHeader>>),
    /// In a trait. Its header is absent if it could not be read.
    Trait(Option<Box<TraitHeader>>),
    /// In an impl of a trait, which may not contain methods that the trait lacks.
    TraitImpl,
    /// In an `extern` block.
    Foreign,
}

/// `impl<'a, T> Holder<'a, T>`
#[derive(Clone)]
pub(crate) struct ImplHeader {
    generics: Generics,
    pub(crate) self_ty: Type,
}

/// `trait Store<'a, T>`
#[derive(Clone)]
pub(crate) struct TraitHeader {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
}

impl Place {
    pub(crate) fn of(source: &SourceFn) -> Self {
        match place_in_file(source.signature.fn_token.span) {
            Some(Self::Free) if source.signature_mentions_self() => Self::Impl(None),
            Some(place) => place,
            None => Self::guess(source),
        }
    }

    /// Returns the generics of the impl or trait around the function.
    pub(crate) fn generics(&self) -> Option<&Generics> {
        match self {
            Self::Impl(header) => header.as_ref().map(|header| &header.generics),
            Self::Trait(header) => header.as_ref().map(|header| &header.generics),
            Self::Free | Self::TraitImpl | Self::Foreign => None,
        }
    }

    /// Returns the names in `source` that depend on type parameters around it.
    pub(crate) fn type_names(&self, source: &SourceFn) -> Vec<String> {
        let mut names: Vec<String> = match self {
            // A guess by convention. If it is wrong, the bound on that type is met, or the error
            // shows where the companion is used.
            Self::Impl(None) | Self::Trait(None) => words::all(source.signature.to_token_stream())
                .filter(|word| is_conventional(word))
                .collect(),
            _ => self
                .generics()
                .into_iter()
                .flat_map(generics::type_names)
                .collect(),
        };
        let concrete = match self {
            Self::Impl(Some(header)) => header.generics.type_params().next().is_none(),
            Self::Impl(None) | Self::Trait(_) => false,
            Self::Free | Self::TraitImpl | Self::Foreign => true,
        };
        if !concrete {
            names.push("Self".to_owned());
        }
        names
    }

    /// Guesses the place by the function's own tokens. This is for files that cannot be read
    /// (before Rust 1.88, or in an editor) and for functions that a macro generated.
    fn guess(source: &SourceFn) -> Self {
        if source.body.is_none() {
            Self::Trait(None)
        } else if source.signature_mentions_self() || source.body_mentions_self() {
            Self::Impl(None)
        } else {
            Self::Free
        }
    }
}

/// Returns whether `word` looks like a type parameter: `T`, or `T1`.
fn is_conventional(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(|c| c.is_ascii_digit())
}

/// Returns the place of the `fn` keyword at `span`, if its file can be read.
fn place_in_file(span: Span) -> Option<Place> {
    let blocks = Blocks::of(fs::read_to_string(span.local_file()?).ok()?);
    let start = span.start();
    // An editor may compile a text that differs from the file.
    let position = blocks.position(start.line, start.column, "fn")?;
    place_at(&blocks, position)
}

/// Returns the place at this `position`, if the innermost open brace determines it.
fn place_at(blocks: &Blocks, position: usize) -> Option<Place> {
    let Some(header) = blocks.header(position) else {
        return Some(Place::Free);
    };
    match keyword(header)? {
        (at, "impl") => Some(match parse::<ItemImpl>(&header[at..]) {
            Some(item) if item.trait_.is_some() => Place::TraitImpl,
            item => Place::Impl(item.map(|item| {
                Box::new(ImplHeader {
                    generics: item.generics,
                    self_ty: *item.self_ty,
                })
            })),
        }),
        (at, "trait") => {
            let item = parse::<ItemTrait>(&header[at..]);
            Some(Place::Trait(item.map(|item| {
                Box::new(TraitHeader {
                    name: item.ident,
                    generics: item.generics,
                })
            })))
        }
        (at, "extern") if !header[at..].contains("fn") => Some(Place::Foreign),
        _ => Some(Place::Free),
    }
}

/// Parses the item that `header` opens, as if it were empty.
fn parse<T: Parse>(header: &str) -> Option<T> {
    syn::parse_str(&format!("{header}{{}}")).ok()
}

/// Returns the first word outside of attributes and parentheses that says what the header opens,
/// and its position.
fn keyword(header: &str) -> Option<(usize, &str)> {
    let mut depth = 0;
    let mut word = 0;
    for (at, c) in header.char_indices().chain([(header.len(), ' ')]) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        if c.is_alphanumeric() || c == '_' {
            continue;
        }
        let found = &header[word..at];
        if depth == 0 && ["impl", "trait", "fn", "mod", "extern"].contains(&found) {
            return Some((word, found));
        }
        word = at + c.len_utf8();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_at_end(text: &str) -> Option<Place> {
        place_at(&Blocks::new(text.to_owned()), text.len())
    }

    fn place(text: &str) -> &'static str {
        match place_at_end(text) {
            Some(Place::Free) => "free",
            Some(Place::Impl(_)) => "impl",
            Some(Place::TraitImpl) => "trait impl",
            Some(Place::Trait(_)) => "trait",
            Some(Place::Foreign) => "foreign",
            None => "unknown",
        }
    }

    #[test]
    fn the_innermost_brace_decides() {
        for (text, expected) in [
            ("", "free"),
            ("impl A {} ", "free"),
            ("mod m { impl A {} ", "free"),
            ("impl A { ", "impl"),
            ("impl A<{ N + 1 }> { ", "impl"),
            ("impl A { fn f() {} #[parallel] pub(crate) const ", "impl"),
            ("impl A { fn f() -> impl B { ", "free"),
            (
                "#[cfg(feature = \"impl\")] unsafe impl<T> A<T> for B where T: C { ",
                "trait impl",
            ),
            ("impl A<{ N + 1 }> for [u8; 2] { ", "trait impl"),
            ("struct S; impl Apply for fn(u8) -> u8 { ", "trait impl"),
            ("pub trait A: B { ", "trait"),
            ("extern \"C\" { ", "foreign"),
            ("extern \"C\" fn f() { ", "free"),
            ("fn f(x: impl A) { if x { ", "unknown"),
            ("macro_rules! m { ($t:ty) => { ", "unknown"),
            ("macro_rules! m { ($t:ty) => { impl $t { $( ", "impl"),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
    }

    #[test]
    fn comments_and_literals_hide_braces() {
        for noise in [
            "// impl A {\n",
            "/* { /* { */ { */",
            "const A: &str = \"{ \\\" {\";",
            "const A: &str = r#\"{ \" {\"#;",
            "const A: &[u8] = br\"{ \\\";",
            "const A: char = '{';",
            "const A: char = '\\'';",
            "const A: u8 = b'{';",
            "const A: &'static str = \"\";",
            "const r#impl: char = '\"';",
        ] {
            assert_eq!(place(&format!("impl A {{ {noise} ")), "impl", "{noise}");
            assert_eq!(place(&format!("impl A {{}} {noise} ")), "free", "{noise}");
        }
    }

    #[test]
    fn an_impl_gives_its_generics() {
        let Some(Place::Impl(Some(header))) =
            place_at_end("/// { \n impl<'a, T: Into<f64>> A<'a, T> { ")
        else {
            panic!("not an impl");
        };
        assert_eq!(header.generics.params.len(), 2);
    }
}
