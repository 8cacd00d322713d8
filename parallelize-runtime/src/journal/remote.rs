//! Lets other ranks help with work that is recorded. Items with a stored result are not sent. The
//! results of the others are recorded here when they arrive.

use serde::Serialize;

use super::codec::Codec;
use super::items::JournalItem;
use super::recording::Recording;
use crate::encoding::ErrorText;
use crate::work::{Isolatable, Remote, Sealed, Work};

#[diagnostic::do_not_recommend]
impl<W: Isolatable, C> Isolatable for Recording<W, C> {}

impl<W: Isolatable, C> Sealed for Recording<W, C> {}

impl<X, R, W, C> Remote<JournalItem<X, R>, R> for Recording<W, C>
where
    X: Serialize,
    W: Work<X, Output = R>,
    C: Codec<R>,
{
    fn encode(&self, item: &JournalItem<X, R>, into: &mut Vec<u8>) -> Result<(), ErrorText> {
        let (position, item) = item.as_missing().ok_or("its result is stored already")?;
        self.sent_items().insert(position, item)?;
        self.work().expect_remote().encode(item, into)
    }

    fn decode(&self, position: usize, bytes: &mut &[u8]) -> Result<R, ErrorText> {
        let result = self.work().expect_remote().decode(position, bytes)?;
        let position = position as u64;
        let new_writer = || self.page_writer();
        self.sent_items()
            .record_once(position, new_writer, |writer, digest| {
                self.record(writer, position, digest, &result)
            })?;
        Ok(result)
    }

    fn known(&self, item: JournalItem<X, R>) -> Result<R, JournalItem<X, R>> {
        item.into_stored()
            .map_err(|(position, item)| JournalItem::missing(position, item))
    }
}
