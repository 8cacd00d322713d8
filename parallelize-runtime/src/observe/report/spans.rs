//! The times at which a thread was busy, in bounded memory.

use std::fmt;
use std::time::Duration;

/// The times at which a thread was busy. The longer the call, the coarser they are.
#[derive(Clone, Default)]
pub(super) struct Spans {
    spans: Vec<Span>,
    /// Neighbouring spans that fit in this time are joined into one.
    grain: Duration,
}

/// A stretch of time during part of which a thread was busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The time from the beginning of the call to that of the span.
    pub(super) begun: Duration,
    /// The time from the beginning of the call to the end of the span.
    pub(super) ended: Duration,
    /// How long the thread was busy in between.
    pub(super) busy: Duration,
}

impl Spans {
    /// Appends `span`. If `most` spans are there already, joins them first.
    pub(super) fn push(&mut self, mut span: Span, most: u32) {
        if self.spans.len() >= most as usize {
            // After this, any two neighbours together are longer than a grain. So at most half as
            // many are left, and `most` are not reached before the call has lasted twice as long.
            self.grain = span.ended * 4 / most;
            self.spans = self.joined(self.grain);
        }
        // Spans must not overlap. Those of another machine may seem to, as their ends are the
        // moments at which its messages arrived.
        if let Some(last) = self.spans.last() {
            span.begun = span.begun.max(last.ended);
        }
        join(&mut self.spans, span, self.grain);
    }

    /// Returns the spans, with neighbours joined where they fit in a `grain`.
    pub(super) fn joined(&self, grain: Duration) -> Vec<Span> {
        let mut joined = Vec::new();
        for span in &self.spans {
            join(&mut joined, *span, grain);
        }
        joined
    }
}

impl Span {
    /// Makes a span in all of which the thread was busy.
    pub(super) fn busy(begun: Duration, time: Duration) -> Self {
        Self {
            begun,
            ended: begun + time,
            busy: time,
        }
    }

    pub(super) fn length(&self) -> Duration {
        self.ended.saturating_sub(self.begun)
    }
}

/// Appends `span`, or adds it to the last one if both fit in a `grain`.
fn join(spans: &mut Vec<Span>, span: Span, grain: Duration) {
    match spans.last_mut() {
        Some(last) if span.ended.saturating_sub(last.begun) <= grain => {
            last.ended = span.ended;
            last.busy += span.busy;
        }
        _ => spans.push(span),
    }
}

// Without the spans, which would fill pages.
impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spans").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NANO: Duration = Duration::from_nanos(1);
    const MOST: u32 = 1024;

    #[test]
    fn a_thread_is_in_one_span_at_a_time() {
        let mut spans = Spans::default();
        for (begun, time) in [(0, 10), (8, 4), (12, 2)] {
            spans.push(Span::busy(NANO * begun, NANO * time), MOST);
        }
        let lengths: Vec<_> = spans.spans.iter().map(Span::length).collect();
        assert_eq!(lengths, [10, 2, 2].map(|length| NANO * length));
        assert!(spans.joined(NANO * 100).len() == 1);
    }

    #[test]
    fn a_call_without_end_takes_no_more_memory() {
        let mut spans = Spans::default();
        let mut most = 0;
        // Busy for 3 of every 10 ns, and later for 8.
        for i in 0..100_000 {
            let busy = if i < 50_000 { 3 } else { 8 };
            spans.push(Span::busy(NANO * 10 * i, NANO * busy), MOST);
            most = most.max(spans.spans.len());
        }
        assert_eq!(most, MOST as usize);
        let kept = &spans.spans;
        assert!(kept.len() > MOST as usize / 4);
        assert!(kept.windows(2).all(|pair| pair[0].ended < pair[1].begun));
        let busy: Duration = kept.iter().map(|span| span.busy).sum();
        assert_eq!(busy, NANO * (3 + 8) * 50_000);
        assert_eq!(kept[0].begun, Duration::ZERO);
        assert_eq!(kept.last().unwrap().ended, NANO * (999_990 + 8));
        for span in [kept[10], kept[kept.len() - 10]] {
            let share = span.busy.div_duration_f64(span.length());
            let truth = if span.ended < NANO * 500_000 {
                0.3
            } else {
                0.8
            };
            assert!((share - truth).abs() < 0.05, "{share} in {span:?}");
        }
    }
}
