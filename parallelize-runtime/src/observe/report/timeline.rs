//! A report as a picture: when each thread worked.

use std::fmt::{Display, Formatter, Result};

use super::chunk::Chunk;
use super::host::short_names;
use super::layout::{LINE, Layout, MARGIN, TRACK};
use super::scale::Scale;
use super::shares::share;
use super::spans::Spans;
use super::{Report, text};

/// The y of the title's baseline, in pixels.
const TITLE: f64 = 26.0;

/// The distance from the middle of a letter down to its baseline, in pixels.
const BASELINE: f64 = 4.0;

// Of medium lightness, which contrasts with both a white and a black page.
const TEXT: &str = "#768390";
const BAR: &str = "#4184e4";
const SLOW: &str = "#e0823d";

impl Report {
    /// Draws when each thread worked: a picture in SVG with a row for each thread.
    ///
    /// Above the rows stands what the printed report says about the gain.
    ///
    /// The height of a bar is the share of that moment in which the thread was busy. Chunks that
    /// took much longer than the average have a colour of their own. The colours can be read on
    /// light and dark pages.
    ///
    /// ```
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let (_, report) = parallelize::job(1_000..2_000, is_prime).report();
    /// let path = std::env::temp_dir().join("timeline.svg");
    /// std::fs::write(&path, report.timeline_svg())?;
    /// # std::fs::remove_file(path)?;
    /// # std::io::Result::Ok(())
    /// ```
    #[must_use]
    pub fn timeline_svg(&self) -> String {
        Picture::new(self).to_string()
    }
}

/// A report that is shown as a picture.
struct Picture<'r> {
    report: &'r Report,
    /// What the reader should know about the gain, a line each.
    remarks: Vec<String>,
    layout: Layout,
    /// Those of the slowest chunks that took much longer than the average.
    outliers: &'r [Chunk],
    /// The names of the hosts, if there are several.
    hosts: Vec<&'r str>,
}

impl Display for Picture<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (width, height) = (self.layout.width(), self.layout.height());
        let left = self.layout.left;
        let title = self.report.headline();
        writeln!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" fill=\"{TEXT}\" font-size=\"12\" \
             font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\">\n\
             <title>{title}</title>\n\
             <text x=\"{left}\" y=\"{TITLE}\" font-size=\"15\" font-weight=\"600\">{title}</text>"
        )?;
        let mut baseline = TITLE;
        for remark in &self.remarks {
            baseline += LINE;
            writeln!(f, "<text x=\"{left}\" y=\"{baseline}\">{remark}</text>")?;
        }
        self.axis(f)?;
        for (row, thread) in self.layout.threads().iter().enumerate() {
            self.row(f, row, *thread)?;
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
    fn new(report: &'r Report) -> Self {
        let mean = report.mean_chunk_time();
        let outliers = report.slowest.partition_point(|s| s.time > 2 * mean);
        let hosts = match report.hosts.len() {
            0 | 1 => Vec::new(),
            _ => short_names(&report.hosts),
        };
        let remarks = report.remarks();
        Self {
            report,
            layout: Layout::new(report, &hosts, remarks.len()),
            remarks,
            outliers: &report.slowest[..outliers],
            hosts,
        }
    }

    /// Draws a line at each mark of the time axis, with the time below.
    fn axis(&self, f: &mut Formatter<'_>) -> Result {
        let scale = Scale::of(self.layout.wall);
        let Scale { unit, decimals, .. } = scale;
        let (top, bottom) = (self.layout.top - 4.0, self.layout.bottom());
        let below = bottom + 16.0;
        for value in scale.marks() {
            let x = self.layout.left + value / scale.length * TRACK;
            writeln!(
                f,
                "<path stroke=\"{TEXT}\" stroke-opacity=\"0.4\" d=\"M{x:.1} {top}V{bottom}\"/>\n\
                 <text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{value:.decimals$} {unit}</text>"
            )?;
        }
        Ok(())
    }

    /// Draws the row of a thread.
    fn row(&self, f: &mut Formatter<'_>, row: usize, thread: usize) -> Result {
        let Layout {
            left, row_height, ..
        } = self.layout;
        let y = self.layout.y(row);
        writeln!(
            f,
            "<rect x=\"{left}\" y=\"{y}\" width=\"{TRACK}\" height=\"{row_height}\" fill-opacity=\"0.15\"/>"
        )?;
        let stats = &self.report.threads[thread];
        self.bars(f, &stats.spans, y + row_height)?;
        if self.layout.is_crowded() {
            return Ok(());
        }
        let (name, baseline) = (
            self.report.worker_name(stats.key),
            y + row_height / 2.0 + BASELINE,
        );
        let before = left - MARGIN;
        writeln!(
            f,
            "<text x=\"{before}\" y=\"{baseline}\" text-anchor=\"end\">{name}</text>"
        )?;
        let busy = share(self.report.busy[thread], self.layout.wall);
        self.busy(f, baseline, busy)
    }

    /// Writes the name of a host beside its first row. If rows have no names, it stands in the
    /// middle of them.
    fn host(&self, f: &mut Formatter<'_>, host: usize) -> Result {
        let mut rows = self.layout.rows_of(host);
        let Some(first) = rows.next() else {
            return Ok(());
        };
        let last = if self.layout.is_crowded() {
            rows.next_back()
        } else {
            None
        };
        let top = self.layout.y(first);
        let bottom = self.layout.y(last.unwrap_or(first)) + self.layout.row_height;
        let name = escaped(self.hosts[host]);
        let baseline = f64::midpoint(top, bottom) + BASELINE;
        writeln!(
            f,
            "<text x=\"{MARGIN}\" y=\"{baseline}\" font-weight=\"600\">{name}</text>"
        )?;
        if !self.layout.is_crowded() {
            return Ok(());
        }
        let busy = self.report.hosts[host].share(self.report.wall);
        self.busy(f, baseline, busy)
    }

    /// Writes behind the rows which share of the time a thread or host was busy.
    fn busy(&self, f: &mut Formatter<'_>, baseline: f64, busy: f64) -> Result {
        let (behind, busy) = (self.layout.right() + MARGIN, text::percent(busy));
        writeln!(f, "<text x=\"{behind}\" y=\"{baseline}\">{busy}</text>")
    }

    /// Draws a bar for each span, as high as the share of it in which the thread was busy. All are
    /// one path, so that there is no seam between neighbours.
    fn bars(&self, f: &mut Formatter<'_>, spans: &Spans, bottom: f64) -> Result {
        write!(f, "<path fill=\"{BAR}\" d=\"")?;
        for span in spans.joined(self.layout.pixel()) {
            let (x, width) = self.layout.bar(&span);
            // A span of another machine is shortened if it seems to overlap the one before.
            let height = self.layout.row_height * share(span.busy, span.length()).min(1.0);
            write!(f, "M{x:.2} {bottom}v-{height:.1}h{width:.2}v{height:.1}z")?;
        }
        writeln!(f, "\"/>")
    }

    /// Draws a chunk in the colour of slow ones.
    fn outlier(&self, f: &mut Formatter<'_>, chunk: &Chunk) -> Result {
        let (x, width) = self.layout.bar(&chunk.span);
        let thread = self.report.thread_of(chunk);
        let row = thread.and_then(|thread| self.layout.row_of(thread));
        let y = self.layout.y(row.unwrap_or(0));
        let (width, height) = (width.max(1.0), self.layout.row_height);
        let (place, time) = (self.place(chunk), text::time(chunk.time));
        writeln!(
            f,
            "<rect x=\"{x:.2}\" y=\"{y}\" width=\"{width:.2}\" height=\"{height}\" fill=\"{SLOW}\">\
             <title>{place}: {time}</title></rect>"
        )
    }

    /// Returns the positions of a chunk, and its host if there are several.
    fn place(&self, chunk: &Chunk) -> String {
        let positions = text::positions(chunk);
        match self.report.host_name_of(chunk) {
            Some(host) => format!("{positions} on {}", escaped(host)),
            None => positions,
        }
    }

    /// Writes what the colour of slow chunks means, if there are any.
    fn legend(&self, f: &mut Formatter<'_>) -> Result {
        let Some(slowest) = self.outliers.first() else {
            return Ok(());
        };
        let (place, time) = (self.place(slowest), text::time(slowest.time));
        let text = match self.outliers.len() {
            1 => format!("slowest: {time} ({place})"),
            chunks => format!("the {chunks} slowest: up to {time} ({place})"),
        };
        let (left, right) = (self.layout.left, self.layout.left + 15.0);
        let bottom = self.layout.bottom();
        let (y, baseline) = (bottom + 31.0, bottom + 40.0);
        writeln!(
            f,
            "<rect x=\"{left}\" y=\"{y}\" width=\"10\" height=\"10\" fill=\"{SLOW}\"/>\n\
             <text x=\"{right}\" y=\"{baseline}\">{text}</text>"
        )
    }
}

/// Escapes a name for XML.
fn escaped(name: &str) -> String {
    name.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::report::samples::{on_machines, on_threads};

    /// Returns the texts in a picture to the left of its rows.
    fn names(svg: &str) -> Vec<&str> {
        let texts = svg.lines().filter_map(|line| line.strip_suffix("</text>"));
        let names = texts.filter(|text| text.contains("\"end\"") || text.contains(" font-weight"));
        names
            .filter_map(|text| Some(text.rsplit_once('>')?.1))
            .skip(1)
            .collect()
    }

    #[test]
    fn rows_are_grouped_by_host() {
        let report = on_machines(&[("a.x", &[20, 10]), ("<b>.x", &[90]), ("a.x", &[20])]);
        let svg = report.timeline_svg();
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
        // Three rows of one host, and some space before that of the other.
        for y in [46.0, 70.0, 94.0, 126.0] {
            assert!(
                svg.contains(&format!("y=\"{y}\" width=\"{TRACK}\"")),
                "{svg}"
            );
        }
    }

    #[test]
    fn the_picture_says_what_the_table_says() {
        let mut report = on_threads(&[90; 4]);
        let plain = report.timeline_svg();
        report.limited = Some(3);
        let svg = report.timeline_svg();
        let table = report.to_string();
        let mut lines = table.lines();
        let title = lines.next().unwrap();
        assert!(svg.contains(&format!("<title>{title}</title>")));
        assert!(svg.contains(&format!("font-weight=\"600\">{title}</text>")));
        let remark = lines.nth(4).unwrap().trim();
        assert!(remark.starts_with("3 of 4 threads used"), "{remark}");
        assert!(svg.contains(&format!(">{remark}</text>")), "{svg}");
        // The rows make space for it.
        let height = |svg: &str| {
            let (_, rest) = svg.split_once("height=\"").unwrap();
            rest.split_once('"').unwrap().0.parse::<f64>().unwrap()
        };
        assert!((height(&svg) - height(&plain) - LINE).abs() < 1e-6);
    }

    #[test]
    fn hosts_of_many_threads_have_names() {
        let busy = [90; 16];
        let svg = on_machines(&[("a", &busy), ("b", &busy)]).timeline_svg();
        assert_eq!(names(&svg), ["a", "b"]);
        assert_eq!(svg.matches(">90 %<").count(), 2);
    }
}
