//! The work of one thread in a call.

use std::time::Duration;

use super::core_time::CoreMeter;
use super::spans::{Span, Spans};

/// The work of one thread in a call.
#[derive(Clone, Debug, Default)]
pub(super) struct ThreadStats {
    pub(super) key: ThreadKey,
    /// The index of its host in the report, if several processes took part.
    pub(super) host: usize,
    /// Whether it took part. A requested helper may not have arrived.
    pub(super) has_arrived: bool,
    pub(super) items: usize,
    pub(super) chunks: usize,
    pub(super) busy: Duration,
    pub(super) spans: Spans,
    pub(super) core: CoreMeter,
}

/// The identity of a thread in a call: the rank of its process and its number there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ThreadKey {
    pub(super) rank: usize,
    pub(super) number: usize,
}

impl ThreadStats {
    /// Adds a chunk of `items` that took `span`. At most `max_spans` spans are kept.
    pub(super) fn record(&mut self, items: usize, span: Span, max_spans: u32) {
        self.has_arrived = true;
        self.items += items;
        self.chunks += usize::from(items > 0);
        self.busy += span.busy;
        if !span.busy.is_zero() {
            self.spans.push(span, max_spans);
        }
    }
}
