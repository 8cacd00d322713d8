//! The work of a job with a journal: what the function gives is recorded.

use std::marker::PhantomData;

use serde::Serialize;

use super::codec::Codec;
use super::items::JournalItem;
#[cfg(feature = "cluster")]
use super::sent::Sent;
use super::writer::{PageWriter, Writer};
use crate::encoding::Reason;
use crate::encoding::digest::digest;
use crate::work::Work;
#[cfg(feature = "cluster")]
use crate::work::{Remote, RemoteFunction};

/// Work that is done only where its result is not known, and recorded.
pub struct Recording<W, C> {
    work: W,
    writer: Writer,
    #[cfg(feature = "cluster")]
    sent: Sent,
    codec: PhantomData<fn() -> C>,
}

impl<W, C> Recording<W, C> {
    pub(super) fn new(work: W, writer: Writer) -> Self {
        Self {
            work,
            writer,
            #[cfg(feature = "cluster")]
            sent: Sent::default(),
            codec: PhantomData,
        }
    }

    #[cfg(feature = "cluster")]
    pub(super) fn work(&self) -> &W {
        &self.work
    }

    #[cfg(feature = "cluster")]
    pub(super) fn sent(&self) -> &Sent {
        &self.sent
    }

    /// For a thread that records.
    pub(super) fn page_writer(&self) -> PageWriter {
        PageWriter {
            page: self.writer.page(),
            entry: Vec::new(),
            full: Vec::new(),
        }
    }

    /// Records the `result` of the item at `position`, of which this is the digest.
    pub(super) fn record<R>(
        &self,
        writer: &mut PageWriter,
        position: u64,
        digest: u64,
        result: &R,
    ) -> Result<(), Reason>
    where
        C: Codec<R>,
    {
        let PageWriter { page, entry, full } = writer;
        entry.clear();
        entry.extend(digest.to_le_bytes());
        if C::encode(result, entry)? {
            self.writer.add(page, position, entry, full);
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
    // What the function has for itself is made when it is called.
    type Local = (Option<W::Local>, PageWriter);
    type Output = R;

    fn local(&self) -> Self::Local {
        (None, self.page_writer())
    }

    fn apply(&self, (local, writer): &mut Self::Local, item: JournalItem<X, R>) -> R {
        let (position, item) = match item.known() {
            Ok(result) => return result,
            Err(new) => new,
        };
        self.writer.panic_if_failed();
        let fails = |reason| -> ! { panic!("it does not fit into the journal: {reason}") };
        let digest = digest(&item, &mut writer.entry).unwrap_or_else(|reason| fails(reason));
        let local = local.get_or_insert_with(|| self.work.local());
        let result = self.work.apply(local, item);
        let recorded = self.record(writer, position, digest, &result);
        recorded.unwrap_or_else(|reason| fails(reason));
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
