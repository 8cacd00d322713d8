//! Independent complaints, reported in one go.

use std::fmt::Display;

use quote::ToTokens;
use syn::{Error, Result};

#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Notes that something is wrong with `node`.
    pub(crate) fn push(&mut self, node: impl ToTokens, message: impl Display) {
        self.add(Error::new_spanned(node, message));
    }

    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Ends a stage: everything that was noted in it.
    pub(crate) fn propagate(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
