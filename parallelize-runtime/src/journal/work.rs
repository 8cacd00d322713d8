//! The work of a job with a journal: what the function gives is recorded.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::items::JournalItem;
use super::page::Page;
#[cfg(feature = "cluster")]
use super::remote::Sent;
use super::writer::Writer;
use crate::encoding::digest::digest;
use crate::encoding::{self, Reason};
#[cfg(feature = "cluster")]
use crate::work::Remote;
use crate::work::Work;

/// How results `R` stand in a journal.
pub trait Codec<R> {
    /// The type that is written.
    fn name() -> &'static str;

    /// Appends `result` to `into`: whether it is one to keep. An error is not.
    fn encode(result: &R, into: &mut Vec<u8>) -> Result<bool, Reason>;

    /// Takes the next result off `bytes`.
    fn decode(bytes: &mut &[u8]) -> Result<R, Reason>;
}

/// As they are.
pub struct Whole;

/// How the encoding of every `Err` begins: as a map of one entry, with three letters for its key.
const ERR: &[u8] = b"\x81\xa3Err";

impl<R: Serialize + DeserializeOwned> Codec<R> for Whole {
    fn name() -> &'static str {
        std::any::type_name::<R>()
    }

    fn encode(result: &R, into: &mut Vec<u8>) -> Result<bool, Reason> {
        let start = into.len();
        encoding::encode(result, into)?;
        Ok(!into[start..].starts_with(ERR))
    }

    fn decode(bytes: &mut &[u8]) -> Result<R, Reason> {
        encoding::decode(bytes)
    }
}

/// The values in results, without what the errors are.
pub struct Values;

impl<T: Serialize + DeserializeOwned, E> Codec<Result<T, E>> for Values {
    fn name() -> &'static str {
        std::any::type_name::<T>()
    }

    fn encode(result: &Result<T, E>, into: &mut Vec<u8>) -> Result<bool, Reason> {
        match result {
            Ok(value) => encoding::encode(value, into).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn decode(bytes: &mut &[u8]) -> Result<Result<T, E>, Reason> {
        encoding::decode(bytes).map(Ok)
    }
}

/// Work that is done only where its result is not known, and recorded.
pub struct Recording<W, C> {
    work: W,
    writer: Writer,
    #[cfg(feature = "cluster")]
    sent: Sent,
    codec: PhantomData<fn() -> C>,
}

/// What a thread records on.
pub struct Desk {
    page: Arc<Mutex<Page>>,
    /// An entry while it is encoded.
    entry: Vec<u8>,
    /// A page while it is written.
    full: Vec<u8>,
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
    pub(super) fn desk(&self) -> Desk {
        Desk {
            page: self.writer.page(),
            entry: Vec::new(),
            full: Vec::new(),
        }
    }

    /// Records the `result` of the item at `position`, of which this is the digest.
    pub(super) fn record<R>(
        &self,
        desk: &mut Desk,
        position: u64,
        digest: u64,
        result: &R,
    ) -> Result<(), Reason>
    where
        C: Codec<R>,
    {
        let Desk { page, entry, full } = desk;
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
    type Local = (Option<W::Local>, Desk);
    type Output = R;

    fn local(&self) -> Self::Local {
        (None, self.desk())
    }

    fn apply(&self, (local, desk): &mut Self::Local, item: JournalItem<X, R>) -> R {
        let (position, item) = match item.known() {
            Ok(result) => return result,
            Err(new) => new,
        };
        self.writer.assert_sound();
        let fails = |reason| -> ! { panic!("it does not fit into the journal: {reason}") };
        let digest = digest(&item, &mut desk.entry).unwrap_or_else(|reason| fails(reason));
        let local = local.get_or_insert_with(|| self.work.local());
        let result = self.work.apply(local, item);
        let recorded = self.record(desk, position, digest, &result);
        recorded.unwrap_or_else(|reason| fails(reason));
        result
    }

    #[cfg(feature = "cluster")]
    fn remote(&self) -> Option<&dyn Remote<JournalItem<X, R>, R>> {
        self.work.remote().is_some().then_some(self)
    }
}
