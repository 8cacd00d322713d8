//! The text of a package with an attribute at some of its functions.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticSpan};

use crate::function::Function;

pub struct Marked<'a> {
    pub functions: &'a [Function],
    /// The functions that have the attribute, by their indexes, in ascending order.
    pub chosen: &'a [usize],
    /// The attribute. It stands in the line of the function, so that lines keep their numbers.
    pub attribute: &'static str,
}

/// A place in the text of a function that has the attribute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub function: usize,
    /// Otherwise it is one of the user's own tokens.
    pub in_attribute: bool,
}

impl Marked<'_> {
    /// Returns the `text` of a file with the attributes.
    pub fn text(&self, file: &Path, text: &str) -> String {
        let mut marked = String::with_capacity(text.len());
        let mut end = 0;
        for (_, function) in self.chosen_in(file) {
            marked.push_str(&text[end..function.bytes.start]);
            marked.push_str(self.attribute);
            end = function.bytes.start;
        }
        marked + &text[end..]
    }

    /// Returns the places at which a message points first.
    pub fn primary_places(&self, diagnostic: &Diagnostic) -> Vec<Place> {
        let spans = diagnostic.spans.iter().filter(|span| span.is_primary);
        spans.filter_map(|span| self.place(span)).collect()
    }

    /// Returns the functions to which a message belongs. The notes count only if it points at none
    /// by itself.
    pub fn owners(&self, diagnostic: &Diagnostic) -> BTreeSet<usize> {
        let mut places = self.primary_places(diagnostic);
        if places.is_empty() {
            places = self.all_places(diagnostic);
        }
        places.iter().map(|place| place.function).collect()
    }

    /// Returns all places at which a message or one of its notes points.
    fn all_places(&self, diagnostic: &Diagnostic) -> Vec<Place> {
        let spans = diagnostic.spans.iter();
        let mut places: Vec<Place> = spans.filter_map(|span| self.place(span)).collect();
        for note in &diagnostic.children {
            places.extend(self.all_places(note));
        }
        places
    }

    /// Returns the place of `span`, or else that of the macro call from which it comes.
    fn place(&self, span: &DiagnosticSpan) -> Option<Place> {
        self.place_in(Path::new(&span.file_name), span.byte_start as usize)
            .or_else(|| self.place(&span.expansion.as_ref()?.span))
    }

    /// Returns the place at the position `byte` of a file with attributes.
    fn place_in(&self, file: &Path, byte: usize) -> Option<Place> {
        let mut inserted = 0;
        for (index, function) in self.chosen_in(file) {
            let start = function.bytes.start + inserted;
            if byte < start {
                break;
            }
            inserted += self.attribute.len();
            if byte < start + self.attribute.len() {
                return Some(Place {
                    function: index,
                    in_attribute: true,
                });
            }
        }
        let byte = byte - inserted;
        // The last of them is the innermost.
        let around = self
            .chosen_in(file)
            .filter(|(_, function)| function.bytes.contains(&byte));
        let (index, _) = around.last()?;
        Some(Place {
            function: index,
            in_attribute: false,
        })
    }

    fn chosen_in(&self, file: &Path) -> impl Iterator<Item = (usize, &Function)> {
        let chosen = self
            .chosen
            .iter()
            .map(|&index| (index, &self.functions[index]));
        chosen.filter(move |(_, function)| function.file == file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function;

    #[test]
    fn places_are_found_again() {
        let file = Path::new("a.rs");
        let text = "const A: u8 = 0; fn b(c: u8) { fn d(e: u8) {} f } fn g(h: u8) {} mod i {}";
        let functions = function::all(file, text).unwrap();
        let marked = Marked {
            functions: &functions,
            chosen: &[0, 1],
            attribute: "#[x] ",
        };
        let text = marked.text(file, text);
        assert!(text.contains("0; #[x] fn b(c: u8) { #[x] fn d(e"), "{text}");
        for (word, expected) in [
            ("A:", None),
            ("x]", Some((0, true))),
            ("c:", Some((0, false))),
            ("x] fn d", Some((1, true))),
            ("e:", Some((1, false))),
            ("f }", Some((0, false))),
            ("h:", None),
            ("i {}", None),
        ] {
            let place = marked.place_in(file, text.find(word).unwrap());
            let expected = expected.map(|(function, in_attribute)| Place {
                function,
                in_attribute,
            });
            assert_eq!(place, expected, "{word}");
        }
    }
}
