//! The blocks of a file, found without parsing what is in them.

use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

/// A file, and what its braces enclose.
pub(super) struct Blocks {
    text: String,
    /// The text with spaces in place of comments and literals, so that each brace is a token.
    visible: String,
    /// The position behind each brace, bracket and parenthesis, and that of the innermost brace
    /// which is open there.
    open: Vec<(usize, Option<usize>)>,
    /// The positions at which lines start.
    lines: Vec<usize>,
}

/// The latest file. Most attributes stand in the same file as the one before.
static LATEST: Mutex<Option<Arc<Blocks>>> = Mutex::new(None);

impl Blocks {
    /// Finds the blocks of a file with this `text`.
    pub(super) fn of(text: String) -> Arc<Self> {
        let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*latest {
            Some(known) if known.text == text => Arc::clone(known),
            _ => Arc::clone(latest.insert(Arc::new(Self::new(text)))),
        }
    }

    pub(super) fn new(text: String) -> Self {
        let visible = blanked(&text);
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            open: open_braces(&visible),
            lines: iter::once(0).chain(ends).collect(),
            visible,
            text,
        }
    }

    /// Returns the position of a `line`, counted from 1, and a `column` in characters, if `word`
    /// stands there.
    pub(super) fn position(&self, line: usize, column: usize, word: &str) -> Option<usize> {
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        let line = *self.lines.get(line.checked_sub(1)?)?;
        let (column, _) = self.text[line..end].char_indices().nth(column)?;
        let at = line + column;
        self.text[at..].starts_with(word).then_some(at)
    }

    /// Returns the text before the innermost brace that is open at `position`, back to the previous
    /// item or statement.
    pub(super) fn header(&self, position: usize) -> Option<&str> {
        let behind = self.open.partition_point(|(at, _)| *at <= position);
        let (_, brace) = self.open[..behind].last()?;
        Some(header(&self.visible[..(*brace)?]))
    }
}

/// Returns the position behind each delimiter in `visible`, and that of the innermost brace which
/// is open there. An open parenthesis or bracket is a repetition in a `macro_rules!`, and no block.
fn open_braces(visible: &str) -> Vec<(usize, Option<usize>)> {
    let mut open = Vec::new();
    let delimiters = visible.bytes().enumerate().filter_map(|(at, byte)| {
        match byte {
            b'{' | b'(' | b'[' => {
                let outer = open.last().copied().flatten();
                open.push(if byte == b'{' { Some(at) } else { outer });
            }
            b'}' | b')' | b']' => _ = open.pop(),
            _ => return None,
        }
        Some((at + 1, open.last().copied().flatten()))
    });
    delimiters.collect()
}

/// Returns the end of the text `before` a brace, back to the previous item or statement.
fn header(before: &str) -> &str {
    let mut depth = 0;
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
    &before[start.map_or(0, |start| start + 1)..]
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

    #[test]
    fn a_position_is_found_by_its_line_and_column() {
        let blocks =
            Blocks::new("impl Ä {\r\n\tfn é() {}\r\n  /* ß */ fn f() {} }\nfn g() {}".to_owned());
        let header = |line, column| blocks.header(blocks.position(line, column, "fn").unwrap());
        assert_eq!(header(2, 1), Some("impl Ä "));
        assert_eq!(header(3, 10), Some("impl Ä "));
        assert_eq!(header(4, 0), None);
        for (line, column) in [(0, 0), (1, 0), (1, 10), (3, 9), (4, 90), (5, 0), (9, 9)] {
            assert_eq!(blocks.position(line, column, "fn"), None, "{line}:{column}");
        }
    }

    #[test]
    fn files_in_turn_are_told_apart() {
        for _ in 0..2 {
            for (text, header) in [("impl A { fn", Some("impl A ")), ("mod m {} fn", None)] {
                let blocks = Blocks::of(text.to_owned());
                assert_eq!(blocks.header(text.len() - 2), header);
            }
        }
    }
}
