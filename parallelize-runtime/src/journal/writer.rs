//! The thread that brings what is recorded to the file, some milliseconds after it is.
//!
//! A thread of the job does that itself only where there is much at once. It could not do it in time
//! otherwise: it may be at its next item, with the consumer of a stream, or waiting for another thread.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::journal_file::JournalFile;
use super::record::Page;
use crate::sync::lock;

/// How long the first result waits for others to be written with it.
const DELAY: Duration = Duration::from_millis(5);

/// A page of so many bytes does not wait.
const FULL: usize = 64 << 10;

/// What a thread records on.
pub struct PageWriter {
    pub(super) page: Arc<Mutex<Page>>,
    /// An entry while it is encoded.
    pub(super) entry: Vec<u8>,
    /// A page while it is written.
    pub(super) full: Vec<u8>,
}

/// Writes until it is dropped, and then what is left.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    disk: Arc<JournalFile>,
    pages: Mutex<Vec<Arc<Mutex<Page>>>>,
    asked: Mutex<Asked>,
    came: Condvar,
}

/// What the thread is asked for.
#[derive(Default)]
struct Asked {
    to_write: bool,
    to_end: bool,
}

impl Writer {
    pub(super) fn begin(disk: Arc<JournalFile>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            disk,
            pages: Mutex::default(),
            asked: Mutex::default(),
            came: Condvar::new(),
        });
        let writing = Arc::clone(&shared);
        let thread = thread::Builder::new().name("parallelize journal".to_owned());
        let thread = Some(thread.spawn(move || writing.run())?);
        Ok(Self { shared, thread })
    }

    /// A page for a thread of the job.
    pub(super) fn page(&self) -> Arc<Mutex<Page>> {
        let page = Arc::default();
        lock(&self.shared.pages).push(Arc::clone(&page));
        page
    }

    /// Adds an entry to `page`, which is written to the file at once if it is `full`.
    pub(super) fn add(&self, page: &Mutex<Page>, position: u64, entry: &[u8], full: &mut Vec<u8>) {
        let mut page = lock(page);
        let is_first = page.is_empty();
        if page.add(position, entry) >= FULL {
            full.clear();
            page.take(full);
            drop(page);
            self.shared.disk.append(full);
        } else if is_first {
            drop(page);
            self.shared.ask(|asked| asked.to_write = true);
        }
    }

    /// # Panics
    ///
    /// If there are results that could not be written.
    pub(super) fn panic_if_failed(&self) {
        self.shared.disk.panic_if_failed();
    }
}

/// # Panics
///
/// If there are results that could not be written, unless it is dropped for a panic already.
impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.ask(|asked| asked.to_end = true);
        // It does not panic.
        _ = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            self.panic_if_failed();
        }
    }
}

impl Shared {
    fn ask(&self, what: impl FnOnce(&mut Asked)) {
        what(&mut lock(&self.asked));
        self.came.notify_one();
    }

    fn run(&self) {
        let mut bytes = Vec::new();
        while self.wait() {
            self.write(&mut bytes);
        }
        self.write(&mut bytes);
    }

    /// Waits until there is something to write, and some more may have come: whether there will be
    /// more than that.
    fn wait(&self) -> bool {
        let is_idle = |asked: &mut Asked| !asked.to_write && !asked.to_end;
        let asked = self.came.wait_while(lock(&self.asked), is_idle);
        let asked = asked.unwrap_or_else(PoisonError::into_inner);
        let goes_on = |asked: &mut Asked| !asked.to_end;
        let asked = self.came.wait_timeout_while(asked, DELAY, goes_on);
        let mut asked = asked.unwrap_or_else(PoisonError::into_inner).0;
        asked.to_write = false;
        !asked.to_end
    }

    /// Writes what is on all pages.
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        lock(&self.pages).retain(|page| {
            // If its thread has gone before the page is taken, nothing is on it afterwards.
            let is_in_use = Arc::strong_count(page) > 1;
            lock(page).take(bytes);
            is_in_use
        });
        self.disk.append(bytes);
    }
}
