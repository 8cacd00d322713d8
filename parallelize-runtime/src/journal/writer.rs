//! The thread that writes recorded results to the file, a few milliseconds after they are recorded.
//!
//! The threads of the job cannot do this in time. They may be at their next items, in the consumer
//! of a stream, or waiting for another thread. A thread of the job writes only a page that is full.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::journal_file::JournalFile;
use super::record::Page;
use crate::sync::lock;

/// Bounds the time that a recorded result waits for others to be written with it.
const WRITE_DELAY: Duration = Duration::from_millis(5);

/// The length of a page, in bytes, that is written at once.
const FULL_PAGE: usize = 64 << 10;

/// Takes the results of one thread.
pub struct PageWriter {
    page: Arc<Mutex<Page>>,
    /// The entry that is being encoded.
    pub(super) entry: Vec<u8>,
    /// The records that are being written. Kept for its memory.
    records: Vec<u8>,
}

/// A thread that writes pages to the file. When this is dropped, the thread writes what is left and
/// ends.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    file: Arc<JournalFile>,
    pages: Mutex<Vec<Arc<Mutex<Page>>>>,
    requests: Mutex<Requests>,
    /// Notified whenever the requests change.
    requested: Condvar,
}

/// Requests to the thread.
#[derive(Default)]
struct Requests {
    write: bool,
    end: bool,
}

impl Writer {
    pub(super) fn start(file: Arc<JournalFile>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            file,
            pages: Mutex::default(),
            requests: Mutex::default(),
            requested: Condvar::new(),
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("parallelize journal".to_owned());
        let thread = Some(thread.spawn(move || of_thread.run())?);
        Ok(Self { shared, thread })
    }

    /// Makes the page of a thread that records.
    pub(super) fn page_writer(&self) -> PageWriter {
        let page = Arc::new(Mutex::new(Page::new(self.shared.file.header_sum())));
        lock(&self.shared.pages).push(Arc::clone(&page));
        PageWriter {
            page,
            entry: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Adds the entry in `from` to its page, as that of the item at `position`. Writes the page to
    /// the file if it is full, and otherwise leaves that to the thread.
    pub(super) fn add_entry(&self, from: &mut PageWriter, position: u64) {
        let PageWriter {
            page,
            entry,
            records,
        } = from;
        let mut page = lock(page);
        let is_first = page.is_empty();
        if page.add(position, entry) >= FULL_PAGE {
            records.clear();
            page.drain_into(records);
            drop(page);
            self.shared.file.append(records);
        } else if is_first {
            drop(page);
            self.shared.request(|requests| requests.write = true);
        }
    }

    /// # Panics
    ///
    /// Panics if some results could not be written.
    pub(super) fn panic_if_failed(&self) {
        self.shared.file.panic_if_failed();
    }
}

/// # Panics
///
/// Panics if some results could not be written, unless the thread is panicking already.
impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.request(|requests| requests.end = true);
        // The thread does not panic: errors are kept in the file.
        _ = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            self.panic_if_failed();
        }
    }
}

impl Shared {
    fn request(&self, change: impl FnOnce(&mut Requests)) {
        change(&mut lock(&self.requests));
        self.requested.notify_one();
    }

    fn run(&self) {
        let mut records = Vec::new();
        while self.wait() {
            self.write_pages(&mut records);
        }
        self.write_pages(&mut records);
    }

    /// Waits for a request, and then for [`WRITE_DELAY`], so that more results are written with the
    /// first. Returns whether the thread goes on after these.
    fn wait(&self) -> bool {
        let is_idle = |requests: &mut Requests| !requests.write && !requests.end;
        let requests = self.requested.wait_while(lock(&self.requests), is_idle);
        let requests = requests.unwrap_or_else(PoisonError::into_inner);
        let goes_on = |requests: &mut Requests| !requests.end;
        let requests = self
            .requested
            .wait_timeout_while(requests, WRITE_DELAY, goes_on);
        let mut requests = requests.unwrap_or_else(PoisonError::into_inner).0;
        requests.write = false;
        !requests.end
    }

    /// Writes the records of all pages to the file, and drops the pages of threads that are gone.
    fn write_pages(&self, records: &mut Vec<u8>) {
        records.clear();
        lock(&self.pages).retain(|page| {
            // Counted before the page is drained: a thread that is gone by now adds nothing later.
            let is_in_use = Arc::strong_count(page) > 1;
            lock(page).drain_into(records);
            is_in_use
        });
        self.file.append(records);
    }
}
