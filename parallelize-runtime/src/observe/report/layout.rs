//! The layout of the picture of a report. Lengths are in pixels.

use std::time::Duration;

use super::Report;
use super::shares::share;
use super::spans::Span;

/// The length of a row.
pub(super) const TRACK: f64 = 720.0;

/// The space on both sides of a text beside the rows.
pub(super) const MARGIN: f64 = 8.0;

/// The top of the first row if only the title is above.
const TOP: f64 = 46.0;

/// The height of a line of text.
pub(super) const LINE: f64 = 18.0;

/// The least x at which rows begin. Names are to the left.
const LEFT: f64 = 72.0;

/// The width of a letter, and that of a bold one.
const LETTER: f64 = 7.0;
const BOLD: f64 = 8.0;

/// The width of the column behind the rows, which says how busy the threads were.
const BUSY: f64 = 56.0;

/// The space below the rows, for the axis and the legend.
const FOOT: f64 = 52.0;

/// The least number of threads for which rows are thin and have no names.
const MANY: usize = 24;

/// The space between the rows of two hosts.
const BETWEEN: f64 = 8.0;

/// Bounds the width of bars that touch their neighbours. Wider ones are followed by a [`GAP`].
const TOUCHING: f64 = 3.0;
const GAP: f64 = 0.6;

/// The layout of the picture of a report: a row for each thread, with time from left to right.
pub(super) struct Layout {
    /// The time that a row stands for, which is not zero.
    pub(super) wall: Duration,
    /// For each row, the index of its thread in the report. Threads of a host are neighbours.
    threads: Vec<usize>,
    /// For each row, the index of its host.
    hosts: Vec<usize>,
    /// The x at which rows begin.
    pub(super) left: f64,
    /// The top of the first row. The title and the remarks are above.
    pub(super) top: f64,
    /// The distance between the tops of two rows.
    pitch: f64,
    /// The height of a row.
    pub(super) row_height: f64,
}

impl Layout {
    /// Returns the layout for a report whose hosts are shown with these names, with this number of
    /// lines for remarks.
    pub(super) fn new(report: &Report, host_names: &[&str], remarks: usize) -> Self {
        let (pitch, row_height) = if report.busy.len() < MANY {
            (24.0, 18.0)
        } else {
            (9.0, 8.0)
        };
        let mut threads: Vec<_> = (0..report.threads.len()).collect();
        threads.sort_by_key(|thread| report.threads[*thread].host);
        let hosts = threads.iter().map(|thread| report.threads[*thread].host);
        Self {
            wall: report.wall.max(Duration::from_nanos(1)),
            hosts: hosts.collect(),
            threads,
            left: left(report, host_names),
            top: TOP + count(remarks) * LINE,
            pitch,
            row_height,
        }
    }

    /// Returns the width of the picture.
    pub(super) fn width(&self) -> f64 {
        self.right() + BUSY
    }

    /// Returns the height of the picture.
    pub(super) fn height(&self) -> f64 {
        self.bottom() + FOOT
    }

    /// Returns the x at which rows end.
    pub(super) fn right(&self) -> f64 {
        self.left + TRACK
    }

    /// Returns the y at which the rows end.
    pub(super) fn bottom(&self) -> f64 {
        self.y(self.threads.len())
    }

    /// Returns the threads in the order of their rows, by their indices in the report.
    pub(super) fn threads(&self) -> &[usize] {
        &self.threads
    }

    /// Returns the row of a thread.
    pub(super) fn row_of(&self, thread: usize) -> Option<usize> {
        self.threads.iter().position(|other| *other == thread)
    }

    /// Returns the rows of a host.
    pub(super) fn rows_of(&self, host: usize) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.hosts.len()).filter(move |row| self.hosts[*row] == host)
    }

    /// Returns the x of a moment.
    fn x(&self, moment: Duration) -> f64 {
        self.left + share(moment, self.wall) * TRACK
    }

    /// Returns the top of a row, or of the space below the last one.
    pub(super) fn y(&self, row: usize) -> f64 {
        let host = self.hosts.get(row).or(self.hosts.last());
        self.top + count(row) * self.pitch + count(host.copied().unwrap_or(0)) * BETWEEN
    }

    /// Returns the x at which the bar of a span begins, and the width of the bar.
    pub(super) fn bar(&self, span: &Span) -> (f64, f64) {
        let begun = self.x(span.begun);
        let width = self.x(span.ended) - begun;
        let gap = if width < TOUCHING { 0.0 } else { GAP };
        (begun, width - gap)
    }

    /// Returns the time that a pixel stands for.
    pub(super) fn pixel(&self) -> Duration {
        self.wall.div_f64(TRACK)
    }

    /// Returns whether there is no space for the names of threads.
    pub(super) fn is_crowded(&self) -> bool {
        self.threads.len() >= MANY
    }
}

/// Returns the x at which rows begin. To the left are the names of the hosts and, unless there are
/// [`MANY`], of the threads.
fn left(report: &Report, host_names: &[&str]) -> f64 {
    let letters = host_names.iter().map(|host| host.chars().count()).max();
    let mut left = letters.map_or(0.0, |letters| MARGIN + BOLD * count(letters));
    if report.busy.len() < MANY {
        let threads = report.threads.iter();
        let letters = threads.map(|thread| report.worker_name(thread.key).len());
        left += letters.max().map_or(0.0, |letters| LETTER * count(letters));
    }
    (left + MARGIN).max(LEFT)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no picture has 2^52 rows or letters"
)]
fn count(number: usize) -> f64 {
    number as f64
}
