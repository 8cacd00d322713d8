//! Recorded work, where other ranks help: known results are not sent for, and the others are recorded
//! here when they arrive.

use serde::Serialize;

use super::codec::Codec;
use super::items::JournalItem;
use super::recording::Recording;
use crate::encoding::Reason;
use crate::work::{Remote, Work};

impl<W, C> Recording<W, C> {
    fn inner<X>(&self) -> &dyn Remote<X, W::Output>
    where
        W: Work<X>,
    {
        let inner = self.work().remote();
        inner.expect("it was there when it was requested")
    }
}

impl<X, R, W, C> Remote<JournalItem<X, R>, R> for Recording<W, C>
where
    X: Serialize,
    W: Work<X, Output = R>,
    C: Codec<R>,
{
    fn encode(&self, item: &JournalItem<X, R>, into: &mut Vec<u8>) -> Result<(), Reason> {
        let (position, item) = item.missing().ok_or("its result is known")?;
        self.sent().insert(position, item)?;
        self.inner().encode(item, into)
    }

    fn decode(&self, position: usize, bytes: &mut &[u8]) -> Result<R, Reason> {
        let result = self.inner().decode(position, bytes)?;
        let position = position as u64;
        let new_writer = || self.page_writer();
        self.sent()
            .arrived(position, new_writer, |writer, digest| {
                self.record(writer, position, digest, &result)
            })?;
        Ok(result)
    }

    fn known(&self, item: JournalItem<X, R>) -> Result<R, JournalItem<X, R>> {
        item.known()
            .map_err(|(position, item)| JournalItem::new(position, item))
    }
}
