//! A report as a small table.

use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

use super::host::short_names;
use super::{Chunk, Report, share, text};

/// Up to so many threads have a line each, or up to so many hosts.
const LINES: usize = 16;

/// How many of them share a line if they have none each.
const SPARKS: usize = 64;

/// How long the bar of one is that was busy all the time, in characters.
const BAR: u8 = 30;

/// Room for a name.
const NAME: usize = 10;

const EIGHTHS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A table with a line for each thread, or for each host if there are several; with a small bar for
/// each if there are many; and with the slowest items. No line ends it.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.headline())?;
        match (self.hosts.len(), self.busy.len()) {
            (0 | 1, 0 | 1) => (),
            (0 | 1, 2..=LINES) => self.lines(f)?,
            (0 | 1, _) => self.sparks(f)?,
            (2..=LINES, _) => self.host_lines(f)?,
            _ => self.host_sparks(f)?,
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
        let on = match self.hosts.len() {
            0 => text::threads(threads),
            1 => format!("{} of 1 host", text::threads(threads)),
            hosts => format!("{} of {} hosts", text::threads(threads), text::count(hosts)),
        };
        if threads == 1 {
            return format!("{items} in {wall} on {on}");
        }
        let gain = match self.speedup() {
            ..1.05 => "no faster than on one".to_owned(),
            speedup => format!("{speedup:.1} times as fast as on one"),
        };
        let efficiency = text::percent(self.efficiency());
        format!("{items} in {wall} on {on}: {gain} ({efficiency})")
    }

    /// A line for each thread.
    fn lines(&self, f: &mut Formatter<'_>) -> Result {
        let lines = self.busy.iter().zip(&self.workers);
        let lines = lines.map(|(busy, worker)| Line {
            name: text::worker(worker.seat),
            share: share(*busy, self.wall),
            amount: text::time(*busy),
            items: worker.items,
        });
        write_lines(f, &lines.collect::<Vec<_>>())
    }

    /// A line for each host.
    fn host_lines(&self, f: &mut Formatter<'_>) -> Result {
        let lines = self.hosts.iter().zip(short_names(&self.hosts));
        let lines = lines.map(|(host, name)| Line {
            name: name.to_owned(),
            share: host.share(self.wall),
            amount: text::threads(host.threads),
            items: host.items,
        });
        write_lines(f, &lines.collect::<Vec<_>>())
    }

    /// A character for each thread.
    fn sparks(&self, f: &mut Formatter<'_>) -> Result {
        let shares = self.busy.iter().map(|busy| share(*busy, self.wall));
        let shares: Vec<_> = shares.collect();
        write_sparks(f, &shares)?;
        let (least, most) = extremes(&shares);
        let [least, most] = [least, most].map(|i| text::percent(shares[i]));
        write!(f, "\n  {:NAME$} {least} to {most} of the time", "")
    }

    /// A character for each host.
    fn host_sparks(&self, f: &mut Formatter<'_>) -> Result {
        let shares = self.hosts.iter().map(|host| host.share(self.wall));
        let shares: Vec<_> = shares.collect();
        write_sparks(f, &shares)?;
        let names = short_names(&self.hosts);
        let (least, most) = extremes(&shares);
        let [least, most] =
            [least, most].map(|i| format!("{} ({})", text::percent(shares[i]), names[i]));
        write!(f, "\n  {:NAME$} {least} to {most} of the time", "")
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
        } else if self.has_stopped_sending {
            Some(
                "the items were cheaper to do than to send, so no more of them were sent"
                    .to_owned(),
            )
        } else if self.busy[1..].iter().all(Duration::is_zero) {
            Some("no helper came in time, as for short jobs and from busy pools".to_owned())
        } else if self.here() > self.cores {
            let cores = match self.cores {
                1 => "is 1 core".to_owned(),
                cores => format!("are {cores} cores"),
            };
            let here = if self.hosts.is_empty() { "" } else { " here" };
            Some(format!(
                "there {cores}{here}: more threads gain only where items wait"
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
        for ((place, time), chunk) in places.iter().zip(&times).zip(&self.slowest) {
            write!(f, "\n    {place:wide$}  {time:>width$}")?;
            if let Some(host) = self.whereabouts(chunk) {
                write!(f, "  {host}")?;
            }
        }
        Ok(())
    }

    /// The host on which `chunk` was evaluated, if there are several.
    pub(super) fn whereabouts(&self, chunk: &Chunk) -> Option<&str> {
        let host = self.workers.get(self.row(chunk)?)?.host;
        (self.hosts.len() > 1).then(|| short_names(&self.hosts)[host])
    }

    /// What an item took on average.
    fn mean(&self) -> Duration {
        let busy: Duration = self.busy.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        busy.div_f64(self.items.max(1) as f64)
    }
}

/// What a line of the table says.
struct Line {
    name: String,
    /// For which part of the time it was at work.
    share: f64,
    amount: String,
    items: usize,
}

fn write_lines(f: &mut Formatter<'_>, lines: &[Line]) -> Result {
    let wide = width(lines.iter().map(|line| &line.name)).max(NAME);
    let width = width(lines.iter().map(|line| &line.amount));
    for line in lines {
        let Line { name, amount, .. } = line;
        let (bar, percent) = (bar(line.share), text::percent(line.share));
        let items = text::items(line.items);
        write!(
            f,
            "\n  {name:wide$} {bar} {amount:>width$} {percent:>6}  {items}"
        )?;
    }
    Ok(())
}

/// A character for each share.
fn write_sparks(f: &mut Formatter<'_>, shares: &[f64]) -> Result {
    for (line, shares) in shares.chunks(SPARKS).enumerate() {
        let title = if line == 0 { "busy" } else { "" };
        let sparks: String = shares
            .iter()
            .map(|share| HEIGHTS[eighths(*share, 1)])
            .collect();
        write!(f, "\n  {title:NAME$} {sparks}")?;
    }
    Ok(())
}

/// Which of the shares are the least and the most.
fn extremes(shares: &[f64]) -> (usize, usize) {
    let by_share = |a: &usize, b: &usize| shares[*a].total_cmp(&shares[*b]);
    let least = (0..shares.len()).min_by(by_share);
    let most = (0..shares.len()).max_by(by_share);
    (least.unwrap_or(0), most.unwrap_or(0))
}

/// The width of a column, in characters.
fn width<'t>(texts: impl IntoIterator<Item = &'t String>) -> usize {
    let widths = texts.into_iter().map(|text| text.chars().count());
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
    use std::num::NonZeroUsize;

    use super::super::Recorder;
    use super::super::thread_stats::{ThreadKey, ThreadStats};
    use super::*;
    use crate::observe::Serial;

    /// A report of a job that took 100 ms, for which its threads were busy so many of them.
    fn report(busy: &[u64]) -> Report {
        let mut report = Recorder::new(None).finish();
        let worker = report.workers[0].clone();
        report.items = 12_345;
        report.chunks = 1_000;
        report.wall = Duration::from_millis(100);
        report.busy = busy.iter().map(|ms| Duration::from_millis(*ms)).collect();
        let seats = (0..busy.len()).map(|number| ThreadKey { rank: 0, number });
        let workers = seats.map(|seat| ThreadStats {
            seat,
            ..worker.clone()
        });
        report.workers = workers.collect();
        report.cores = busy.len();
        report
    }

    /// The same on machines, each with a process whose threads did an item in so many milliseconds.
    fn on_hosts(hosts: &[(&str, &[u64])]) -> Report {
        let recorder = Recorder::new(NonZeroUsize::new(hosts[0].1.len()));
        recorder.join_all(hosts);
        let mut report = recorder.report(Duration::from_millis(100));
        report.cores = hosts[0].1.len();
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
    fn a_line_for_each_of_several_hosts() {
        let report = on_hosts(&[
            ("login.example.org", &[100]),
            ("node1.example.org", &[100, 50]),
            ("node2.example.org", &[0, 0]),
            ("node1.example.org", &[30]),
        ]);
        assert_eq!(
            lines(&report),
            [
                "4 items in 100 ms on 6 threads of 3 hosts: 2.8 times as fast as on one (47 %)",
                "  login      ██████████████████████████████  1 thread  100 %  1 item",
                "  node1      ██████████████████             3 threads   60 %  3 items",
                "  node2                                     2 threads    0 %  no items",
                "  there were only 4 chunks",
                "  slowest of 4 chunks, where an item took 70.0 ms on average",
                "    item 0   100 ms  login",
                "    item 1   100 ms  node1",
                "    item 2  50.0 ms  node1",
                "    item 3  30.0 ms  node1",
            ]
        );
    }

    #[test]
    fn a_character_for_each_of_many_hosts() {
        let names: Vec<_> = (0..70).map(|number| format!("node{number}")).collect();
        let busy = |number| match number {
            1 => &[50, 50],
            65 => &[0, 20],
            _ => &[90, 80],
        };
        let hosts = names.iter().zip((0..).map(busy));
        let hosts: Vec<_> = hosts.map(|(name, busy)| (&**name, &busy[..])).collect();
        let report = on_hosts(&hosts);
        let lines = lines(&report);
        assert!(lines[0].starts_with("139 items in 100 ms on 140 threads of 70 hosts: "));
        let first = format!("  busy       ▇▄{}", "▇".repeat(62));
        let second = format!("{}▇▁▇▇▇▇", " ".repeat(13));
        assert_eq!(lines[1..3], [first, second]);
        assert_eq!(
            lines[3].trim(),
            "10 % (node65) to 85 % (node69) of the time"
        );
    }

    #[test]
    fn processes_of_one_host_have_a_line_for_each_thread() {
        let report = on_hosts(&[("node1", &[90, 0]), ("node1", &[80]), ("node1", &[60, 50])]);
        let lines = lines(&report);
        assert!(lines[0].contains(" on 5 threads of 1 host: "), "{lines:?}");
        let names = lines[1..6].iter().map(|line| line[..13].trim());
        let expected = ["caller", "helper 1", "rank 1 #0", "rank 2 #0", "rank 2 #1"];
        assert!(names.eq(expected), "{lines:?}");
        assert!(lines[7..].iter().all(|line| !line.contains("node1")));
    }

    #[test]
    fn it_says_why_others_were_left_alone() {
        let mut report = on_hosts(&[("a", &[90, 80]), ("b", &[1, 1])]);
        report.has_stopped_sending = true;
        assert!(
            report
                .note()
                .unwrap()
                .ends_with("no more of them were sent")
        );
    }

    #[test]
    fn cores_of_other_machines_count_for_their_threads() {
        let mut report = on_hosts(&[("a", &[90, 80]), ("b", &[90, 80])]);
        assert_eq!(report.note(), None);
        report.cores = 1;
        assert!(report.note().unwrap().starts_with("there is 1 core here: "));
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
        let nobody = note(|report| report.busy[1..].fill(Duration::ZERO));
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
