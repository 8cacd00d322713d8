//! A report as a picture: who worked when.

use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

use super::recorder::{Span, Spans};
use super::{Chunk, Report, share, text};

// Lengths are in pixels.

/// Where the rows begin: below the title, and to the right of the names.
const TOP: f64 = 46.0;
const LEFT: f64 = 72.0;

/// How long a row is.
const TRACK: f64 = 720.0;

/// The whole, with room behind the rows for how busy the threads were.
const WIDTH: f64 = LEFT + TRACK + 56.0;

/// Room below the rows.
const FOOT: f64 = 52.0;

/// From how many threads on the rows are thin and have no names.
const MANY: usize = 24;

/// A bar as wide as this stands apart from the next.
const APART: f64 = 3.0;
const GAP: f64 = 0.6;

// Of a lightness in the middle, so that they can be told from a white page and from a black one.
const TEXT: &str = "#768390";
const BAR: &str = "#4184e4";
const SLOW: &str = "#e0823d";

/// A report that is shown as a picture.
struct Picture<'r> {
    report: &'r Report,
    /// Those of the slowest chunks that took much longer than others do.
    outliers: &'r [Chunk],
    /// How long a row stands for.
    wall: Duration,
    /// From one row to the next.
    pitch: f64,
    /// How high a row is.
    height: f64,
}

pub(super) fn svg(report: &Report) -> String {
    Picture::of(report).to_string()
}

impl Display for Picture<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (width, height) = (WIDTH, self.bottom() + FOOT);
        let title = self.report.headline();
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" fill=\"{TEXT}\" font-size=\"12\" \
             font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\">\n\
             <title>{title}</title>\n\
             <text x=\"{LEFT}\" y=\"26\" font-size=\"15\" font-weight=\"600\">{title}</text>"
        )?;
        self.axis(f)?;
        for row in 0..self.report.busy.len() {
            self.row(f, row)?;
        }
        for chunk in self.outliers {
            self.outlier(f, chunk)?;
        }
        self.legend(f)?;
        writeln!(f, "</svg>")
    }
}

impl<'r> Picture<'r> {
    fn of(report: &'r Report) -> Self {
        let busy: Duration = report.busy.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "this is a rule of thumb")]
        let mean = busy.div_f64(report.chunks.max(1) as f64);
        let outliers = report.slowest.partition_point(|s| s.time > 2 * mean);
        let (pitch, height) = if report.busy.len() < MANY {
            (24.0, 18.0)
        } else {
            (9.0, 8.0)
        };
        Self {
            report,
            outliers: &report.slowest[..outliers],
            wall: report.wall.max(Duration::from_nanos(1)),
            pitch,
            height,
        }
    }

    /// How far to the right a moment is.
    fn x(&self, moment: Duration) -> f64 {
        LEFT + share(moment, self.wall) * TRACK
    }

    /// Where a row begins.
    fn y(&self, row: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "there are not so many rows")]
        let row = row as f64;
        TOP + row * self.pitch
    }

    /// Where the rows end.
    fn bottom(&self) -> f64 {
        self.y(self.report.busy.len())
    }

    /// Lines at round times, with the times below.
    fn axis(&self, f: &mut Formatter<'_>) -> Result {
        let (unit, nanos) = unit(self.wall);
        let wall = self.wall.as_secs_f64() * 1e9 / nanos;
        let (step, decimals) = step(wall);
        let (top, bottom) = (TOP - 4.0, self.bottom());
        let below = bottom + 16.0;
        let ticks = (0..=TICKS).map(|tick| f64::from(tick) * step);
        for value in ticks.take_while(|value| *value <= wall) {
            let x = LEFT + value / wall * TRACK;
            writeln!(
                f,
                "<path stroke=\"{TEXT}\" stroke-opacity=\"0.4\" d=\"M{x:.1} {top}V{bottom}\"/>\n\
                 <text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{value:.decimals$} {unit}</text>"
            )?;
        }
        Ok(())
    }

    /// The row of a thread.
    fn row(&self, f: &mut Formatter<'_>, row: usize) -> Result {
        let (y, height) = (self.y(row), self.height);
        writeln!(
            f,
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{TRACK}\" height=\"{height}\" fill-opacity=\"0.15\"/>"
        )?;
        if let Some(worker) = self.report.workers.get(row) {
            self.bars(f, &worker.spans, y + height)?;
        }
        if self.report.busy.len() >= MANY {
            return Ok(());
        }
        let busy = text::percent(share(self.report.busy[row], self.wall));
        let (name, base) = (text::worker(row), y + height / 2.0 + 4.0);
        let (before, behind) = (LEFT - 8.0, LEFT + TRACK + 8.0);
        writeln!(
            f,
            "<text x=\"{before}\" y=\"{base}\" text-anchor=\"end\">{name}</text>\n\
             <text x=\"{behind}\" y=\"{base}\">{busy}</text>"
        )
    }

    /// A bar for each span, as high as the thread was busy in it. All are one path, so that
    /// neighbours show no seam.
    fn bars(&self, f: &mut Formatter<'_>, spans: &Spans, bottom: f64) -> Result {
        write!(f, "<path fill=\"{BAR}\" d=\"")?;
        // What begins and ends in the same pixel is one bar.
        for span in spans.joined(self.wall.div_f64(TRACK)) {
            let (x, width) = self.bar(&span);
            let height = self.height * share(span.busy, span.length());
            write!(f, "M{x:.2} {bottom}v-{height:.1}h{width:.2}v{height:.1}z")?;
        }
        writeln!(f, "\"/>")
    }

    /// Where the bar of a span begins and how wide it is.
    fn bar(&self, span: &Span) -> (f64, f64) {
        let begun = self.x(span.begun);
        let width = self.x(span.ended) - begun;
        let gap = if width < APART { 0.0 } else { GAP };
        (begun, width - gap)
    }

    /// A chunk in a colour of its own.
    fn outlier(&self, f: &mut Formatter<'_>, chunk: &Chunk) -> Result {
        let (x, width) = self.bar(&chunk.span);
        let (y, width, height) = (self.y(chunk.worker), width.max(1.0), self.height);
        let (place, time) = (text::place(chunk), text::time(chunk.time));
        writeln!(
            f,
            "<rect x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{height}\" fill=\"{SLOW}\">\
             <title>{place}: {time}</title></rect>"
        )
    }

    /// What the colour of its own means.
    fn legend(&self, f: &mut Formatter<'_>) -> Result {
        let Some(slowest) = self.outliers.first() else {
            return Ok(());
        };
        let (place, time) = (text::place(slowest), text::time(slowest.time));
        let text = match self.outliers.len() {
            1 => format!("slowest: {time} ({place})"),
            chunks => format!("the {chunks} slowest: up to {time} ({place})"),
        };
        let (right, y, base) = (LEFT + 15.0, self.bottom() + 31.0, self.bottom() + 40.0);
        writeln!(
            f,
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"10\" height=\"10\" fill=\"{SLOW}\"/>\n\
             <text x=\"{right}\" y=\"{base}\">{text}</text>"
        )
    }
}

/// How many times are written at most, beside zero.
const TICKS: u8 = 8;

/// The unit for times up to `wall`, and how many nanoseconds it has.
fn unit(wall: Duration) -> (&'static str, f64) {
    match wall.as_nanos() {
        ..1_000 => ("ns", 1.0),
        1_000..1_000_000 => ("µs", 1e3),
        1_000_000..1_000_000_000 => ("ms", 1e6),
        1_000_000_000..120_000_000_000 => ("s", 1e9),
        120_000_000_000..7_200_000_000_000 => ("min", 60e9),
        _ => ("h", 3_600e9),
    }
}

/// The least round number of which no more than [`TICKS`] fit in `wall`, and its decimals.
fn step(wall: f64) -> (f64, usize) {
    // From one to a thousand there are of most units.
    const ROUND: [f64; 10] = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
    let least = wall / f64::from(TICKS);
    let step = ROUND.into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(least);
    (step, usize::from(step < 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_round() {
        let steps = [1.0, 1.7, 8.0, 8.1, 40.0, 119.0, 999.0, 1_601.0];
        let round = [0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 200.0, 1_601.0 / 8.0];
        for (wall, expected) in steps.into_iter().zip(round) {
            let (step, decimals) = step(wall);
            assert!((step - expected).abs() < 1e-9, "{step} for {wall}");
            assert_eq!(decimals, usize::from(step < 1.0));
        }
    }

    #[test]
    fn a_unit_is_the_largest_that_fits() {
        let units = [
            (1, "ns"),
            (999, "ns"),
            (1_000, "µs"),
            (999_999_999, "ms"),
            (119_000_000_000, "s"),
            (120_000_000_000, "min"),
            (7_200_000_000_000, "h"),
        ];
        for (nanos, expected) in units {
            assert_eq!(unit(Duration::from_nanos(nanos)).0, expected);
        }
    }
}
