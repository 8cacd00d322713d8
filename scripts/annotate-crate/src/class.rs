//! Judges the errors of an annotated function.

use cargo_metadata::diagnostic::Diagnostic;

use crate::marked::Marked;

/// In the order of the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Class {
    #[default]
    Compiles,
    RefusedByParallelize,
    RefusedByRustc,
    SomethingElse,
}

/// Words by which rustc names a bound or a lifetime.
const BOUNDS: &[&str] = &[
    "between threads",
    "lifetime",
    "'static",
    "outlive",
    "live long enough",
    "trait bound",
];

impl Class {
    /// Returns the class of a function with these errors.
    pub fn of(errors: &[&Diagnostic], marked: &Marked<'_>) -> Self {
        if errors.is_empty() {
            Self::Compiles
        } else if errors.iter().any(|error| is_compile_error(error)) {
            Self::RefusedByParallelize
        } else if errors.iter().all(|error| shows_bound(error, marked)) {
            Self::RefusedByRustc
        } else {
            Self::SomethingElse
        }
    }
}

/// Returns whether a macro reports this by `compile_error!`. Errors of rustc have a code, a label
/// or a note.
fn is_compile_error(error: &Diagnostic) -> bool {
    let has_label = error.spans.iter().any(|span| span.label.is_some());
    error.code.is_none() && error.children.is_empty() && !has_label
}

/// Returns whether this is about a bound or a lifetime, and points at the user's own tokens.
fn shows_bound(error: &Diagnostic, marked: &Marked<'_>) -> bool {
    let places = marked.primary_places(error);
    let labels = error.spans.iter().filter(|span| span.is_primary);
    let mut texts = labels
        .filter_map(|span| span.label.as_ref())
        .chain([&error.message]);
    !places.is_empty()
        && places.iter().all(|place| !place.in_attribute)
        && texts.any(|text| BOUNDS.iter().any(|bound| text.contains(bound)))
}
