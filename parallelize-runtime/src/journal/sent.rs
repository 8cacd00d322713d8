//! The work of a job with a journal, where other machines help: what is known is not sent, and what
//! comes back is recorded here.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Serialize;

use super::codec::Codec;
use super::items::JournalItem;
use super::work::Recording;
use super::writer::Desk;
use crate::encoding::Reason;
use crate::encoding::digest::digest;
use crate::outcome::Payload;
use crate::sync::lock;
use crate::work::Remote;
use crate::work::Work;

/// What is sent and has not come back.
#[derive(Default)]
pub(super) struct Sent(Mutex<Open>);

#[derive(Default)]
struct Open {
    /// The digests of the items, by their positions.
    digests: HashMap<u64, u64>,
    /// Where those are recorded that come back, once there is one.
    desk: Option<Desk>,
    scratch: Vec<u8>,
}

impl<W, C> Recording<W, C> {
    fn inner<X>(&self) -> &dyn Remote<X, W::Output>
    where
        W: Work<X>,
    {
        self.work()
            .remote()
            .expect("it was there when it was asked for")
    }
}

impl<X, R, W, C> Remote<JournalItem<X, R>, R> for Recording<W, C>
where
    X: Serialize,
    W: Work<X, Output = R>,
    C: Codec<R>,
{
    fn function(&self) -> &'static str {
        self.inner().function()
    }

    fn constants(&self, into: &mut Vec<u8>) -> Result<(), Reason> {
        self.inner().constants(into)
    }

    fn encode(&self, item: &JournalItem<X, R>, into: &mut Vec<u8>) -> Result<(), Reason> {
        let (position, item) = item.missing().ok_or("its result is known")?;
        let mut open = lock(&self.sent().0);
        let Open {
            digests, scratch, ..
        } = &mut *open;
        digests.insert(position, digest(item, scratch)?);
        drop(open);
        self.inner().encode(item, into)
    }

    fn decode(&self, position: usize, bytes: &mut &[u8]) -> Result<R, Reason> {
        let result = self.inner().decode(position, bytes)?;
        let mut open = lock(&self.sent().0);
        let Open { digests, desk, .. } = &mut *open;
        // One that comes twice is recorded.
        if let Some(digest) = digests.remove(&(position as u64)) {
            let desk = desk.get_or_insert_with(|| self.desk());
            self.record(desk, position as u64, digest, &result)?;
        }
        Ok(result)
    }

    fn known(&self, item: JournalItem<X, R>) -> Result<R, JournalItem<X, R>> {
        item.known()
            .map_err(|(position, item)| JournalItem::new(position, item))
    }

    fn panicked(&self, position: usize, payload: Payload) -> Result<R, Payload> {
        self.inner().panicked(position, payload)
    }

    fn ends_with_panics(&self) -> bool {
        self.inner().ends_with_panics()
    }

    fn skipped(&self) -> Option<R> {
        self.inner().skipped()
    }

    fn is_stopped(&self) -> bool {
        self.inner().is_stopped()
    }
}
