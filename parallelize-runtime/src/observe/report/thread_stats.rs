//! A thread's part in a call.

use std::time::Duration;

use super::spans::{Span, Spans};

/// A thread's part in a call.
#[derive(Clone, Debug, Default)]
pub(super) struct ThreadStats {
    pub(super) seat: ThreadKey,
    /// Which of the hosts it is on, if there are several processes.
    pub(super) host: usize,
    pub(super) has_come: bool,
    pub(super) items: usize,
    pub(super) chunks: usize,
    pub(super) busy: Duration,
    pub(super) spans: Spans,
}

/// Which thread it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ThreadKey {
    pub(super) rank: usize,
    pub(super) number: usize,
}

impl ThreadStats {
    pub(super) fn note(&mut self, items: usize, span: Span, room: u32) {
        self.has_come = true;
        self.items += items;
        self.chunks += usize::from(items > 0);
        self.busy += span.busy;
        if !span.busy.is_zero() {
            self.spans.push(span, room);
        }
    }
}
