//! A report as a picture: who worked when.

use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

use super::host::short_names;
use super::spans::{Span, Spans};
use super::{Chunk, Report, share, text};

// Lengths are in pixels.

/// Where the rows begin below the title.
const TOP: f64 = 46.0;

/// Where they begin to the right of the names, if those are short.
const LEFT: f64 = 72.0;

/// Room for a letter, for one that is bold, and around a name.
const LETTER: f64 = 7.0;
const BOLD: f64 = 8.0;
const MARGIN: f64 = 8.0;

/// How long a row is.
const TRACK: f64 = 720.0;

/// Room behind the rows for how busy the threads were.
const BUSY: f64 = 56.0;

/// Room below the rows.
const FOOT: f64 = 52.0;

/// From how many threads on the rows are thin and have no names.
const MANY: usize = 24;

/// Room between the rows of two hosts.
const BETWEEN: f64 = 8.0;

/// From the middle of a letter down to its line.
const BASE: f64 = 4.0;

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
    /// The names of the hosts, if there are several.
    hosts: Vec<&'r str>,
    /// The threads in the order of their rows, which is by hosts.
    rows: Vec<usize>,
    /// Where the rows begin.
    left: f64,
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
        let (width, height) = (self.left + TRACK + BUSY, self.bottom() + FOOT);
        let left = self.left;
        let title = self.report.headline();
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" fill=\"{TEXT}\" font-size=\"12\" \
             font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\">\n\
             <title>{title}</title>\n\
             <text x=\"{left}\" y=\"26\" font-size=\"15\" font-weight=\"600\">{title}</text>"
        )?;
        self.axis(f)?;
        for row in 0..self.rows.len() {
            self.row(f, row)?;
        }
        for host in 0..self.hosts.len() {
            self.host(f, host)?;
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
        let mean = busy.div_f64(count(report.chunks.max(1)));
        let outliers = report.slowest.partition_point(|s| s.time > 2 * mean);
        let (pitch, height) = if report.busy.len() < MANY {
            (24.0, 18.0)
        } else {
            (9.0, 8.0)
        };
        let hosts = match report.hosts.len() {
            0 | 1 => Vec::new(),
            _ => short_names(&report.hosts),
        };
        let mut rows: Vec<_> = (0..report.workers.len()).collect();
        rows.sort_by_key(|row| report.workers[*row].host);
        Self {
            report,
            outliers: &report.slowest[..outliers],
            wall: report.wall.max(Duration::from_nanos(1)),
            left: left(report, &hosts),
            hosts,
            rows,
            pitch,
            height,
        }
    }

    /// How far to the right a moment is.
    fn x(&self, moment: Duration) -> f64 {
        self.left + share(moment, self.wall) * TRACK
    }

    /// Where a row begins.
    fn y(&self, row: usize) -> f64 {
        TOP + count(row) * self.pitch + count(self.host_of(row)) * BETWEEN
    }

    /// The host to which a row belongs, or the last one behind all rows.
    fn host_of(&self, row: usize) -> usize {
        let worker = self.rows.get(row).or(self.rows.last());
        worker.map_or(0, |worker| self.report.workers[*worker].host)
    }

    /// Where the rows end.
    fn bottom(&self) -> f64 {
        self.y(self.rows.len())
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
            let x = self.left + value / wall * TRACK;
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
        let (y, height, left) = (self.y(row), self.height, self.left);
        writeln!(
            f,
            "<rect x=\"{left}\" y=\"{y}\" width=\"{TRACK}\" height=\"{height}\" fill-opacity=\"0.15\"/>"
        )?;
        let number = self.rows[row];
        let worker = &self.report.workers[number];
        self.bars(f, &worker.spans, y + height)?;
        if self.is_crowded() {
            return Ok(());
        }
        let busy = text::percent(share(self.report.busy[number], self.wall));
        let (name, base) = (text::worker(worker.seat), y + height / 2.0 + BASE);
        let before = left - MARGIN;
        writeln!(
            f,
            "<text x=\"{before}\" y=\"{base}\" text-anchor=\"end\">{name}</text>"
        )?;
        self.busy(f, base, &busy)
    }

    /// Names a host beside its first row, or beside all of them if those have no names.
    fn host(&self, f: &mut Formatter<'_>, host: usize) -> Result {
        let mut rows = (0..self.rows.len()).filter(|row| self.host_of(*row) == host);
        let Some(first) = rows.next() else {
            return Ok(());
        };
        let last = if self.is_crowded() {
            rows.next_back()
        } else {
            None
        };
        let top = self.y(first);
        let bottom = self.y(last.unwrap_or(first)) + self.height;
        let (name, base) = (escaped(self.hosts[host]), f64::midpoint(top, bottom) + BASE);
        writeln!(
            f,
            "<text x=\"{MARGIN}\" y=\"{base}\" font-weight=\"600\">{name}</text>"
        )?;
        if !self.is_crowded() {
            return Ok(());
        }
        let busy = self.report.hosts[host].share(self.report.wall);
        self.busy(f, base, &text::percent(busy))
    }

    /// Writes behind the rows for how long somebody was at work.
    fn busy(&self, f: &mut Formatter<'_>, base: f64, busy: &str) -> Result {
        let behind = self.left + TRACK + MARGIN;
        writeln!(f, "<text x=\"{behind}\" y=\"{base}\">{busy}</text>")
    }

    /// Whether there is no room for the names of threads.
    fn is_crowded(&self) -> bool {
        self.rows.len() >= MANY
    }

    /// A bar for each span, as high as the thread was busy in it. All are one path, so that
    /// neighbours show no seam.
    fn bars(&self, f: &mut Formatter<'_>, spans: &Spans, bottom: f64) -> Result {
        write!(f, "<path fill=\"{BAR}\" d=\"")?;
        // What begins and ends in the same pixel is one bar.
        for span in spans.joined(self.wall.div_f64(TRACK)) {
            let (x, width) = self.bar(&span);
            // What came late from another machine may seem to have taken less time than it did.
            let height = self.height * share(span.busy, span.length()).min(1.0);
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
        let row = self.report.row(chunk).unwrap_or(0);
        let row = self.rows.iter().position(|worker| *worker == row);
        let (y, width, height) = (self.y(row.unwrap_or(0)), width.max(1.0), self.height);
        let (place, time) = (self.place(chunk), text::time(chunk.time));
        writeln!(
            f,
            "<rect x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{height}\" fill=\"{SLOW}\">\
             <title>{place}: {time}</title></rect>"
        )
    }

    /// Which items `chunk` has, and where they were evaluated if there are several hosts.
    fn place(&self, chunk: &Chunk) -> String {
        let place = text::place(chunk);
        match self.report.whereabouts(chunk) {
            Some(host) => format!("{place} on {}", escaped(host)),
            None => place,
        }
    }

    /// What the colour of its own means.
    fn legend(&self, f: &mut Formatter<'_>) -> Result {
        let Some(slowest) = self.outliers.first() else {
            return Ok(());
        };
        let (place, time) = (self.place(slowest), text::time(slowest.time));
        let text = match self.outliers.len() {
            1 => format!("slowest: {time} ({place})"),
            chunks => format!("the {chunks} slowest: up to {time} ({place})"),
        };
        let (left, right) = (self.left, self.left + 15.0);
        let (y, base) = (self.bottom() + 31.0, self.bottom() + 40.0);
        writeln!(
            f,
            "<rect x=\"{left}\" y=\"{y}\" width=\"10\" height=\"10\" fill=\"{SLOW}\"/>\n\
             <text x=\"{right}\" y=\"{base}\">{text}</text>"
        )
    }
}

/// Where rows begin that have the names of these hosts before them, and those of threads unless
/// they are many.
fn left(report: &Report, hosts: &[&str]) -> f64 {
    let letters = hosts.iter().map(|host| host.chars().count()).max();
    let mut left = letters.map_or(0.0, |letters| MARGIN + BOLD * count(letters));
    if report.busy.len() < MANY {
        let names = report
            .workers
            .iter()
            .map(|worker| text::worker(worker.seat));
        let letters = names.map(|name| name.len()).max();
        left += letters.map_or(0.0, |letters| LETTER * count(letters));
    }
    (left + MARGIN).max(LEFT)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no picture has so many of anything"
)]
fn count(number: usize) -> f64 {
    number as f64
}

/// A name of somebody else's, in XML.
fn escaped(name: &str) -> String {
    name.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
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
    use std::num::NonZeroUsize;

    use super::super::Recorder;
    use super::*;

    /// The picture of a job that took 100 ms on these hosts.
    fn on_hosts(hosts: &[(&str, &[u64])]) -> String {
        let recorder = Recorder::new(NonZeroUsize::new(hosts[0].1.len()));
        recorder.join_all(hosts);
        svg(&recorder.report(Duration::from_millis(100)))
    }

    /// The texts in a picture beside its rows.
    fn names(svg: &str) -> Vec<&str> {
        let texts = svg.lines().filter_map(|line| line.strip_suffix("</text>"));
        let names = texts.filter(|text| text.contains("\"end\"") || text.contains(" font-weight"));
        names
            .filter_map(|text| Some(text.rsplit_once('>')?.1))
            .skip(1)
            .collect()
    }

    #[test]
    fn rows_stand_by_their_hosts() {
        let svg = on_hosts(&[("a.x", &[20, 10]), ("<b>.x", &[90]), ("a.x", &[20])]);
        let expected = [
            "caller",
            "helper 1",
            "rank 2 #0",
            "rank 1 #0",
            "a",
            "&lt;b&gt;",
        ];
        assert_eq!(names(&svg), expected);
        assert!(svg.contains("item 2 on &lt;b&gt;"), "{svg}");
        // Three rows of one host, and some room before that of the other.
        for y in [46.0, 70.0, 94.0, 126.0] {
            assert!(
                svg.contains(&format!("y=\"{y}\" width=\"{TRACK}\"")),
                "{svg}"
            );
        }
    }

    #[test]
    fn of_many_threads_the_hosts_have_names() {
        let busy = [90; 16];
        let svg = on_hosts(&[("a", &busy), ("b", &busy)]);
        assert_eq!(names(&svg), ["a", "b"]);
        assert_eq!(svg.matches(">90 %<").count(), 2);
    }

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
