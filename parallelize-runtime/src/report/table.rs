//! A report as a small table.

use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

use super::{Report, share, text};

/// Up to so many threads have a line each.
const LINES: usize = 16;

/// How many threads share a line if they have none each.
const SPARKS: usize = 64;

/// How long the bar of a thread is that was busy all the time, in characters.
const BAR: u8 = 30;

const EIGHTHS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A table with a line for each thread, or with a small bar for each if there are many, and with
/// the slowest items. No line ends it.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.headline())?;
        match self.busy.len() {
            0 | 1 => (),
            2..=LINES => self.lines(f)?,
            _ => self.sparks(f)?,
        }
        if let Some(note) = self.note() {
            write!(f, "\n  {note}")?;
        }
        self.slowest(f)
    }
}

impl Report {
    /// What came of it, in a line.
    pub(super) fn headline(&self) -> String {
        let (items, wall) = (text::items(self.items), text::time(self.wall));
        if let Some(serial) = self.serial {
            return format!("{items} in {wall} as the plain loop: {serial}");
        }
        let threads = self.busy.len();
        if threads == 1 {
            return format!("{items} in {wall} on 1 thread");
        }
        let gain = match self.speedup() {
            ..1.05 => "no faster than on one".to_owned(),
            speedup => format!("{speedup:.1} times as fast as on one"),
        };
        let efficiency = text::percent(self.efficiency());
        format!("{items} in {wall} on {threads} threads: {gain} ({efficiency})")
    }

    /// A line for each thread.
    fn lines(&self, f: &mut Formatter<'_>) -> Result {
        let times: Vec<_> = self.busy.iter().map(|busy| text::time(*busy)).collect();
        let width = width(&times);
        for (number, (busy, time)) in self.busy.iter().zip(&times).enumerate() {
            let share = share(*busy, self.wall);
            let (name, bar, percent) = (text::worker(number), bar(share), text::percent(share));
            let worker = self.workers.get(number);
            let items = text::items(worker.map_or(0, |worker| worker.items));
            write!(
                f,
                "\n  {name:10} {bar} {time:>width$} {percent:>6}  {items}"
            )?;
        }
        Ok(())
    }

    /// A character for each thread.
    fn sparks(&self, f: &mut Formatter<'_>) -> Result {
        let shares = self.busy.iter().map(|busy| share(*busy, self.wall));
        let shares: Vec<_> = shares.collect();
        for (line, shares) in shares.chunks(SPARKS).enumerate() {
            let title = if line == 0 { "busy" } else { "" };
            let sparks: String = shares
                .iter()
                .map(|share| HEIGHTS[eighths(*share, 1)])
                .collect();
            write!(f, "\n  {title:10} {sparks}")?;
        }
        let least = shares.iter().copied().fold(1.0, f64::min);
        let most = shares.iter().copied().fold(0.0, f64::max);
        let (least, most) = (text::percent(least), text::percent(most));
        write!(f, "\n  {:10} {least} to {most} of the time", "")
    }

    /// Why it gained less than it may seem that it should.
    fn note(&self) -> Option<String> {
        let threads = self.busy.len();
        if threads == 1 {
            None
        } else if self.chunks < threads {
            let chunks = match self.chunks {
                1 => "chunk",
                _ => "chunks",
            };
            Some(format!("there were only {} {chunks}", self.chunks))
        } else if self.workers.len() == 1 {
            Some("no helper came in time, as for short jobs and from busy pools".to_owned())
        } else if threads > self.cores {
            let cores = match self.cores {
                1 => "is 1 core".to_owned(),
                cores => format!("are {cores} cores"),
            };
            Some(format!(
                "there {cores}: more threads gain only where items wait"
            ))
        } else {
            None
        }
    }

    fn slowest(&self, f: &mut Formatter<'_>) -> Result {
        if self.chunks < 2 {
            return Ok(());
        }
        let chunks = text::count(self.chunks);
        let mean = text::time(self.mean());
        write!(
            f,
            "\n  slowest of {chunks} chunks, where an item took {mean} on average"
        )?;
        let places: Vec<_> = self.slowest.iter().map(text::place).collect();
        let times: Vec<_> = self.slowest.iter().map(|s| text::time(s.time)).collect();
        let (wide, width) = (width(&places), width(&times));
        for (place, time) in places.iter().zip(&times) {
            write!(f, "\n    {place:wide$}  {time:>width$}")?;
        }
        Ok(())
    }

    /// What an item took on average.
    fn mean(&self) -> Duration {
        let busy: Duration = self.busy.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        busy.div_f64(self.items.max(1) as f64)
    }
}

/// The width of a column, in characters.
fn width(texts: &[String]) -> usize {
    let widths = texts.iter().map(|text| text.chars().count());
    widths.max().unwrap_or(0)
}

/// So many eighths of `length` characters are nearest to a `share` of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is from 0 to 1"
)]
fn eighths(share: f64, length: u8) -> usize {
    (share * f64::from(length) * 8.0).round() as usize
}

fn bar(share: f64) -> String {
    let eighths = eighths(share, BAR);
    let full = "█".repeat(eighths / 8);
    let bar = match eighths % 8 {
        0 => full,
        rest => format!("{full}{}", EIGHTHS[rest]),
    };
    format!("{bar:width$}", width = usize::from(BAR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Recorder;
    use crate::watch::Serial;

    /// A report of a job that took 100 ms, for which its threads were busy so many of them.
    fn report(busy: &[u64]) -> Report {
        let mut report = Recorder::new(None).finish();
        let worker = report.workers[0].clone();
        report.items = 12_345;
        report.chunks = 1_000;
        report.wall = Duration::from_millis(100);
        report.busy = busy.iter().map(|ms| Duration::from_millis(*ms)).collect();
        report.workers = vec![worker; busy.len()];
        report.cores = busy.len();
        report
    }

    fn lines(report: &Report) -> Vec<String> {
        report.to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_for_each_thread() {
        let mut report = report(&[100, 50, 0]);
        report.workers[0].items = 12_344;
        report.workers[1].items = 1;
        assert_eq!(
            lines(&report),
            [
                "12,345 items in 100 ms on 3 threads: 1.5 times as fast as on one (50 %)",
                "  caller     ██████████████████████████████  100 ms  100 %  12,344 items",
                "  helper 1   ███████████████                50.0 ms   50 %  1 item",
                "  helper 2                                     0 ns    0 %  no items",
                "  slowest of 1,000 chunks, where an item took 12.2 µs on average",
            ]
        );
    }

    #[test]
    fn a_character_for_each_of_many_threads() {
        let mut busy = vec![100; 70];
        (busy[1], busy[65]) = (50, 0);
        let lines = lines(&report(&busy));
        let first = format!("  busy       █▄{}", "█".repeat(62));
        let second = format!("{}█ ████", " ".repeat(13));
        assert_eq!(lines[1..3], [first, second]);
        assert_eq!(lines[3].trim(), "0 % to 100 % of the time");
    }

    #[test]
    fn a_bar_is_as_long_as_a_share() {
        let bars = [0.0, 0.001, 0.005, 0.5, 0.504, 0.999, 1.0].map(bar);
        assert!(bars.iter().all(|bar| bar.chars().count() == 30));
        let bars = bars.map(|bar| bar.trim_end().to_owned());
        let full = |blocks| "█".repeat(blocks);
        let expected = [
            full(0),
            full(0),
            "▏".into(),
            full(15),
            full(15) + "▏",
            full(30),
            full(30),
        ];
        assert_eq!(bars, expected);
    }

    #[test]
    fn it_says_why_it_gained_little() {
        let note = |change: fn(&mut Report)| {
            let mut report = report(&[50, 50, 50]);
            change(&mut report);
            report.note()
        };
        assert_eq!(note(|_| ()), None);
        let few = note(|report| report.chunks = 2);
        assert_eq!(few.unwrap(), "there were only 2 chunks");
        let nobody = note(|report| report.workers.truncate(1));
        assert!(nobody.unwrap().starts_with("no helper came in time"));
        let cores = note(|report| report.cores = 2);
        assert!(cores.unwrap().starts_with("there are 2 cores: "));
        assert_eq!(report(&[50]).note(), None);
    }

    #[test]
    fn the_plain_loop_has_no_table() {
        let mut report = report(&[90]);
        report.chunks = 1;
        report.serial = Some(Serial::Cheap);
        assert_eq!(
            lines(&report),
            ["12,345 items in 100 ms as the plain loop: it seemed too cheap to share"]
        );
        report.serial = None;
        assert_eq!(lines(&report), ["12,345 items in 100 ms on 1 thread"]);
    }

    #[test]
    fn nothing_that_takes_no_time_is_no_number() {
        let mut report = report(&[0, 0]);
        report.wall = Duration::ZERO;
        assert_eq!((report.speedup(), report.efficiency()), (0.0, 0.0));
        assert!(report.to_string().contains("no faster than on one (0 %)"));
        assert!(!report.timeline_svg().contains("NaN"));
    }
}
