//! A thread's part in a call.

use std::time::Duration;

use super::spans::{Span, Spans};

/// A thread's part in a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Worker {
    pub(super) seat: Seat,
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
pub(super) struct Seat {
    pub(super) rank: usize,
    pub(super) number: usize,
}

impl Worker {
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
