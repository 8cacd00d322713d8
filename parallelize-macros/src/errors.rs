//! Collects independent errors, so that all are reported at once.

use std::fmt::Display;

use quote::ToTokens;
use syn::{Error, Result};

/// The errors of one stage.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Adds an error that shows at `node`.
    pub(crate) fn push(&mut self, node: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(node, message));
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Ends a stage: returns all its errors as one.
    pub(crate) fn propagate(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
