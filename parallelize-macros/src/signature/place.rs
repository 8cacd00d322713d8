//! Where the function stands: the one thing that its own tokens do not say.
//!
//! An attribute on `fn area(r: f64) -> f64` sees the same tokens in a module, where the companion has to call `area`,
//! and in an impl, where it has to call `Self::area`. The wrong one of the two is a hard error, and name resolution
//! offers no way to ask first. So this looks at the braces around the function in its file, as a person would.

use std::fs;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{Generics, ItemImpl, ItemTrait, Type, parse::Parse};

use super::{generics, source::SourceFn, words};

#[derive(Clone)]
pub(crate) enum Place {
    /// In a module or a block, as far as anyone can tell.
    Free,
    /// In an impl of a type's own functions, as far as it is known.
    Impl(Option<Box<ImplHeader>>),
    /// In a trait with these generics, as far as they are known.
    Trait(Option<Generics>),
    /// In an impl of a trait, which has no room for methods that the trait lacks.
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

impl Place {
    pub(crate) fn of(source: &SourceFn) -> Self {
        match around(source.signature.fn_token.span) {
            Some(Self::Free) if source.signature_mentions_self() => Self::Impl(None),
            Some(place) => place,
            None => Self::guess(source),
        }
    }

    /// Those of what is around the function.
    pub(crate) fn generics(&self) -> Option<&Generics> {
        match self {
            Self::Impl(header) => header.as_ref().map(|header| &header.generics),
            Self::Trait(generics) => generics.as_ref(),
            Self::Free | Self::TraitImpl | Self::Foreign => None,
        }
    }

    /// The types in `source` that depend on type parameters around it.
    pub(crate) fn type_names(&self, source: &SourceFn) -> Vec<String> {
        let mut names: Vec<String> = match self {
            // By convention; if one is a type after all, it keeps the promise or is to blame.
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

    /// The place by the function's own tokens: for a file that cannot be read (before Rust 1.88, or in an editor)
    /// and for functions that a macro put together.
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

/// Whether this is how type parameters are called: `T`, or `T1`.
fn is_conventional(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(|c| c.is_ascii_digit())
}

/// The place of the `fn` keyword at `span`.
fn around(span: Span) -> Option<Place> {
    let text = fs::read_to_string(span.local_file()?).ok()?;
    let start = span.start();
    let mut lines = text.split_inclusive('\n');
    let above: usize = lines.by_ref().take(start.line - 1).map(str::len).sum();
    let line = lines.next()?;
    let column = line.char_indices().nth(start.column)?.0;
    // An editor may hold, and compile, another text than the file does.
    line[column..].starts_with("fn").then_some(())?;
    enclosing(&text[..above + column])
}

/// The place at the end of `text`, if the innermost open brace tells.
fn enclosing(text: &str) -> Option<Place> {
    let text = blank(text);
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
            Some(Place::Trait(item.map(|item| item.generics)))
        }
        (at, "extern") if !header[at..].contains("fn") => Some(Place::Foreign),
        _ => Some(Place::Free),
    }
}

/// The item that `header` opens, as if there were nothing in it.
fn parse<T: Parse>(header: &str) -> Option<T> {
    syn::parse_str(&format!("{header}{{}}")).ok()
}

/// What stands before the innermost brace that is open at the end of `text`, back to the item or statement before it.
fn innermost_header(text: &str) -> Option<&str> {
    let mut depth = 0;
    let brace = text.rfind(|c| {
        match c {
            '}' | ')' | ']' => depth += 1,
            '{' | '(' | '[' if depth > 0 => depth -= 1,
            // An open parenthesis or bracket is a repetition in a `macro_rules!`, and says nothing.
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

/// The first word outside of attributes and parentheses that says what the header opens, and where it stands.
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

/// `text` with spaces for the comments and literals in it, so that every brace left is a brace.
fn blank(text: &str) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let hidden = comment(rest).or_else(|| literal(rest));
        if let Some(length) = hidden {
            blanked.extend(std::iter::repeat_n(' ', length));
            rest = &rest[length..];
        } else {
            // A word goes as a whole: the `r` in `for"` starts no raw string.
            let visible = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|length| *length > 0)
                .or_else(|| {
                    rest.chars()
                        .next()
                        .filter(|c| !c.is_alphanumeric() && *c != '_')
                        .map(char::len_utf8)
                })
                .unwrap_or(rest.len());
            blanked.push_str(&rest[..visible]);
            rest = &rest[visible..];
        }
    }
    blanked
}

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
        // `'a` is a lifetime unless a second mark follows its first character.
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
        match enclosing(text) {
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
            enclosing("/// { \n impl<'a, T: Into<f64>> A<'a, T> { ")
        else {
            panic!("not an impl");
        };
        assert_eq!(header.generics.params.len(), 2);
    }
}
