//! The items that other ranks are evaluating.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Serialize;

use super::writer::PageWriter;
use crate::encoding::ErrorText;
use crate::encoding::digest::digest;
use crate::sync::lock;

/// The items that were sent and whose results have not arrived.
#[derive(Default)]
pub(super) struct SentItems(Mutex<State>);

#[derive(Default)]
struct State {
    /// The digests of the items, by position.
    digests: HashMap<u64, u64>,
    /// Writes the results. Made when the first one arrives.
    writer: Option<PageWriter>,
    scratch: Vec<u8>,
}

impl SentItems {
    /// Keeps the digest of the `item` at `position`, which is about to be sent.
    pub(super) fn insert(&self, position: u64, item: &impl Serialize) -> Result<(), ErrorText> {
        let mut state = lock(&self.0);
        let State {
            digests, scratch, ..
        } = &mut *state;
        digests.insert(position, digest(item, scratch)?);
        Ok(())
    }

    /// Calls `record` with the digest of the item at `position`, whose result has arrived. Does
    /// nothing if the result arrives a second time.
    pub(super) fn record_once(
        &self,
        position: u64,
        new_writer: impl FnOnce() -> PageWriter,
        record: impl FnOnce(&mut PageWriter, u64) -> Result<(), ErrorText>,
    ) -> Result<(), ErrorText> {
        let mut state = lock(&self.0);
        let State {
            digests, writer, ..
        } = &mut *state;
        match digests.remove(&position) {
            Some(digest) => record(writer.get_or_insert_with(new_writer), digest),
            None => Ok(()),
        }
    }
}
