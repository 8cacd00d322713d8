//! When a thread was busy.

use std::fmt;
use std::time::Duration;

/// When a thread was busy, as finely as some hundred spans can tell.
#[derive(Clone, Default)]
pub(super) struct Spans {
    spans: Vec<Span>,
    /// Those that fit in here together are one.
    grain: Duration,
}

/// A stretch of time, from the beginning of the call on, for some of which a thread was busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) begun: Duration,
    pub(super) ended: Duration,
    pub(super) busy: Duration,
}

impl Spans {
    /// Appends `span`, where there is room for so many.
    pub(super) fn push(&mut self, mut span: Span, room: u32) {
        if self.spans.len() >= room as usize {
            // Any two neighbours take longer than a grain together, so that half of the room is free
            // now, and is not full before twice the time.
            self.grain = span.ended * 4 / room;
            self.spans = self.joined(self.grain);
        }
        // Word from another machine takes different times to come, and no thread does two things at
        // once.
        if let Some(last) = self.spans.last() {
            span.begun = span.begun.max(last.ended);
        }
        join(&mut self.spans, span, self.grain);
    }

    /// The same as a picture shows it in which a `grain` is the least that can be seen.
    pub(super) fn joined(&self, grain: Duration) -> Vec<Span> {
        let mut joined = Vec::new();
        for span in &self.spans {
            join(&mut joined, *span, grain);
        }
        joined
    }
}

impl Span {
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

/// Appends `span`, or has the last one take it in if both fit in a `grain`.
fn join(spans: &mut Vec<Span>, span: Span, grain: Duration) {
    match spans.last_mut() {
        Some(last) if span.ended.saturating_sub(last.begun) <= grain => {
            last.ended = span.ended;
            last.busy += span.busy;
        }
        _ => spans.push(span),
    }
}

/// There may be a thousand of them.
impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spans").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NANO: Duration = Duration::from_nanos(1);
    const ROOM: u32 = 1024;

    #[test]
    fn a_thread_is_in_one_span_at_a_time() {
        let mut spans = Spans::default();
        for (begun, time) in [(0, 10), (8, 4), (12, 2)] {
            spans.push(Span::busy(NANO * begun, NANO * time), ROOM);
        }
        let lengths: Vec<_> = spans.spans.iter().map(Span::length).collect();
        assert_eq!(lengths, [10, 2, 2].map(|length| NANO * length));
        assert!(spans.joined(NANO * 100).len() == 1);
    }

    #[test]
    fn a_call_without_end_takes_no_more_memory() {
        let mut spans = Spans::default();
        let mut most = 0;
        // Busy for 3 of 10 ns, and for 8 of them later.
        for i in 0..100_000 {
            let busy = if i < 50_000 { 3 } else { 8 };
            spans.push(Span::busy(NANO * 10 * i, NANO * busy), ROOM);
            most = most.max(spans.spans.len());
        }
        assert_eq!(most, ROOM as usize);
        let kept = &spans.spans;
        assert!(kept.len() > ROOM as usize / 4);
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
