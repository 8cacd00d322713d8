//! The items that are at other ranks.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Serialize;

use super::writer::PageWriter;
use crate::encoding::Reason;
use crate::encoding::digest::digest;
use crate::sync::lock;

/// The items that have been sent and whose results have not arrived.
#[derive(Default)]
pub(super) struct Sent(Mutex<Open>);

#[derive(Default)]
struct Open {
    /// The digests of the items, by their positions.
    digests: HashMap<u64, u64>,
    /// Writes the results that arrive, once there is one.
    writer: Option<PageWriter>,
    scratch: Vec<u8>,
}

impl Sent {
    /// Keeps the digest of the `item` at `position`, which is about to be sent.
    pub(super) fn insert(&self, position: u64, item: &impl Serialize) -> Result<(), Reason> {
        let mut open = lock(&self.0);
        let Open {
            digests, scratch, ..
        } = &mut *open;
        digests.insert(position, digest(item, scratch)?);
        Ok(())
    }

    /// Calls `record` with the digest of the item at `position`, whose result has arrived. A result
    /// that arrives a second time is not recorded again.
    pub(super) fn arrived(
        &self,
        position: u64,
        new_writer: impl FnOnce() -> PageWriter,
        record: impl FnOnce(&mut PageWriter, u64) -> Result<(), Reason>,
    ) -> Result<(), Reason> {
        let mut open = lock(&self.0);
        let Open {
            digests, writer, ..
        } = &mut *open;
        match digests.remove(&position) {
            Some(digest) => record(writer.get_or_insert_with(new_writer), digest),
            None => Ok(()),
        }
    }
}
