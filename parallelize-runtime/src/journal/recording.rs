//! The work of a job with a journal: the function's results are recorded.

use std::marker::PhantomData;

use serde::Serialize;

use super::codec::Codec;
use super::items::JournalItem;
#[cfg(feature = "cluster")]
use super::sent_items::SentItems;
use super::writer::{PageWriter, Writer};
use crate::encoding::ErrorText;
use crate::encoding::digest::digest;
use crate::work::Work;
#[cfg(feature = "cluster")]
use crate::work::{Remote, RemoteFunction};

/// Work that computes only the results that are not stored, and records them.
pub struct Recording<W, C> {
    work: W,
    writer: Writer,
    #[cfg(feature = "cluster")]
    sent_items: SentItems,
    codec: PhantomData<fn() -> C>,
}

impl<W, C> Recording<W, C> {
    pub(super) fn new(work: W, writer: Writer) -> Self {
        Self {
            work,
            writer,
            #[cfg(feature = "cluster")]
            sent_items: SentItems::default(),
            codec: PhantomData,
        }
    }

    #[cfg(feature = "cluster")]
    pub(super) fn work(&self) -> &W {
        &self.work
    }

    #[cfg(feature = "cluster")]
    pub(super) fn sent_items(&self) -> &SentItems {
        &self.sent_items
    }

    /// Makes the writer of a thread that records.
    pub(super) fn page_writer(&self) -> PageWriter {
        self.writer.page_writer()
    }

    /// Records the `result` of the item at `position`, which has this `digest`.
    pub(super) fn record<R>(
        &self,
        writer: &mut PageWriter,
        position: u64,
        digest: u64,
        result: &R,
    ) -> Result<(), ErrorText>
    where
        C: Codec<R>,
    {
        let entry = &mut writer.entry;
        entry.clear();
        entry.extend(digest.to_le_bytes());
        if C::encode(result, entry)? {
            self.writer.add_entry(writer, position);
        }
        Ok(())
    }
}

impl<X, R, W, C> Work<JournalItem<X, R>> for Recording<W, C>
where
    X: Serialize,
    W: Work<X, Output = R>,
    C: Codec<R>,
{
    // The function's own state is made only when an item needs it.
    type Local = (Option<W::Local>, PageWriter);
    type Output = R;

    fn local(&self) -> Self::Local {
        (None, self.page_writer())
    }

    fn apply(&self, (local, writer): &mut Self::Local, item: JournalItem<X, R>) -> R {
        let (position, item) = match item.into_stored() {
            Ok(result) => return result,
            Err(missing) => missing,
        };
        self.writer.panic_if_failed();
        let unfit = |what: &str, reason| -> ! {
            panic!("the {what} does not fit into the journal: {reason}")
        };
        let digest = digest(&item, &mut writer.entry);
        let digest = digest.unwrap_or_else(|reason| unfit("item", reason));
        let local = local.get_or_insert_with(|| self.work.local());
        let result = self.work.apply(local, item);
        let recorded = self.record(writer, position, digest, &result);
        recorded.unwrap_or_else(|reason| unfit("result", reason));
        result
    }

    #[cfg(feature = "cluster")]
    fn remote(&self) -> Option<&dyn Remote<JournalItem<X, R>, R>> {
        self.work.remote().is_some().then_some(self)
    }

    #[cfg(feature = "cluster")]
    fn remote_function(&self) -> Option<&dyn RemoteFunction> {
        self.work.remote_function()
    }
}
