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

use super::{generics, source::SourceFn, words};

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
    let text = fs::read_to_string(span.local_file()?).ok()?;
    let start = span.start();
    let mut lines = text.split_inclusive('\n');
    let above: usize = lines.by_ref().take(start.line - 1).map(str::len).sum();
    let line = lines.next()?;
    let column = line.char_indices().nth(start.column)?.0;
    // An editor may compile a text that differs from the file.
    line[column..].starts_with("fn").then_some(())?;
    place_at_end(&text[..above + column])
}

/// Returns the place at the end of `text`, if the innermost open brace determines it.
fn place_at_end(text: &str) -> Option<Place> {
    let text = blanked(text);
    let Some(header) = innermost_header(&text) else {
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

/// Returns the text before the innermost brace that is open at the end of `text`, back to the
/// previous item or statement.
fn innermost_header(text: &str) -> Option<&str> {
    let mut depth = 0;
    let brace = text.rfind(|c| {
        match c {
            '}' | ')' | ']' => depth += 1,
            '{' | '(' | '[' if depth > 0 => depth -= 1,
            // An open parenthesis or bracket is a repetition in a `macro_rules!`.
            '{' => return true,
            _ => {}
        }
        false
    })?;
    let before = &text[..brace];
    let mut after = '{';
    let start = before.rfind(|c: char| {
        let boundary = match c {
            '(' | '[' => {
                depth -= 1;
                depth < 0
            }
            ')' | ']' => {
                depth += 1;
                false
            }
            // The brace of a const argument, as in `impl Grid<{ N + 1 }> {`, belongs to the header.
            '}' if after == '>' || after == ',' => {
                depth += 1;
                false
            }
            '{' if depth > 0 => {
                depth -= 1;
                false
            }
            ';' | '{' | '}' => depth == 0,
            _ => false,
        };
        if !c.is_whitespace() {
            after = c;
        }
        boundary
    });
    Some(&before[start.map_or(0, |start| start + 1)..])
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

/// Replaces comments and literals in `text` by spaces, so that each remaining brace is a token.
fn blanked(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let hidden = comment(rest).or_else(|| literal(rest));
        if let Some(length) = hidden {
            visible.extend(std::iter::repeat_n(' ', length));
            rest = &rest[length..];
        } else {
            // A word is taken as a whole: the `r` in `for"` starts no raw string.
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|length| *length > 0)
                .or_else(|| {
                    rest.chars()
                        .next()
                        .filter(|c| !c.is_alphanumeric() && *c != '_')
                        .map(char::len_utf8)
                })
                .unwrap_or(rest.len());
            visible.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    visible
}

/// Returns the length of the comment that starts `text`.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*").then_some(())?;
    let mut depth = 0;
    let mut at = 0;
    while let Some(mark) = text[at..]
        .find("*/")
        .into_iter()
        .chain(text[at..].find("/*"))
        .min()
    {
        let opens = text[at + mark..].starts_with('/');
        depth += if opens { 1 } else { -1 };
        at += mark + 2;
        if depth == 0 {
            return Some(at);
        }
    }
    Some(text.len())
}

/// Returns the length of the string or character literal that starts `text`.
fn literal(text: &str) -> Option<usize> {
    let body = text.trim_start_matches(['b', 'c', 'r']);
    let prefix = &text[..text.len() - body.len()];
    if !["", "b", "c", "r", "br", "cr"].contains(&prefix) {
        return None;
    }
    if prefix.ends_with('r') {
        let content = body.trim_start_matches('#');
        let fence = format!("\"{}", &body[..body.len() - content.len()]);
        content.strip_prefix('"').map(|content| {
            let start = text.len() - content.len();
            content
                .find(&fence)
                .map_or(text.len(), |end| start + end + fence.len())
        })
    } else {
        let quote = body.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut content = body[1..].char_indices();
        // `'a` is a lifetime unless a second quote follows its first character.
        if quote == '\'' && !body[1..].starts_with('\\') {
            let closing = content.nth(1)?;
            return (closing.1 == '\'').then_some(prefix.len() + 1 + closing.0 + 1);
        }
        while let Some((at, c)) = content.next() {
            match c {
                '\\' => _ = content.next(),
                c if c == quote => return Some(prefix.len() + 1 + at + 1),
                _ => {}
            }
        }
        Some(text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
