//! A report as a small table.

use std::fmt::{Display, Formatter, Result};

use super::chunk::Chunk;
use super::host::short_names;
use super::shares::share;
use super::thread_stats::ThreadKey;
use super::{Report, marks, text};

/// Bounds the number of threads, or hosts, that have a line each.
const LINES: usize = 16;

/// Bounds the number of threads, or hosts, that share a line if there are too many for
/// [`LINES`].
const SPARKS: usize = 64;

/// The least width of a name, in characters.
const NAME: usize = 10;

/// Writes a table with a line for each thread, or for each host if there are several, and the
/// slowest chunks. If there are many threads or hosts, each has one character instead of a line.
/// The table does not end with a newline.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.headline())?;
        match (self.hosts.len(), self.busy.len()) {
            (0 | 1, 0 | 1) => (),
            (0 | 1, 2..=LINES) => self.write_thread_lines(f)?,
            (0 | 1, _) => self.write_thread_sparks(f)?,
            (2..=LINES, _) => self.write_host_lines(f)?,
            _ => self.write_host_sparks(f)?,
        }
        for remark in self.remarks() {
            write!(f, "\n  {remark}")?;
        }
        self.write_slowest(f)
    }
}

impl Report {
    /// Returns the result of the job in a line.
    pub(super) fn headline(&self) -> String {
        let (items, wall) = (text::items(self.items), text::time(self.wall));
        if let Some(serial) = self.serial {
            return format!("{items} in {wall} as the plain loop: {serial}");
        }
        let threads = self.busy.len();
        let on = match self.hosts.len() {
            0 => self.workers(threads),
            1 => format!("{} of 1 host", text::threads(threads)),
            hosts => format!("{} of {} hosts", text::threads(threads), text::count(hosts)),
        };
        if threads == 1 {
            return format!("{items} in {wall} on {on}");
        }
        let (gain, busy) = (self.gain_in_words(), text::percent(self.efficiency()));
        format!("{items} in {wall} on {on}: {gain} ({busy} busy)")
    }

    /// Returns the speedup in words.
    fn gain_in_words(&self) -> String {
        let speedup = self.speedup();
        match speedup {
            ..0.95 if self.gain.is_some() => format!("only {speedup:.1} times as fast as on one"),
            ..1.05 => "no faster than on one".to_owned(),
            _ if self.is_speedup_measured() => format!("{speedup:.1} times as fast as on one"),
            _ => format!("at most {speedup:.1} times as fast as on one"),
        }
    }

    /// Writes a line for each thread.
    fn write_thread_lines(&self, f: &mut Formatter<'_>) -> Result {
        let lines = self.busy.iter().zip(&self.threads);
        let lines = lines.map(|(busy, thread)| Line {
            name: self.worker_name(thread.key),
            share: share(*busy, self.wall),
            amount: text::time(*busy),
            items: thread.items,
        });
        write_lines(f, &lines.collect::<Vec<_>>())
    }

    /// Writes a line for each host.
    fn write_host_lines(&self, f: &mut Formatter<'_>) -> Result {
        let lines = self.hosts.iter().zip(short_names(&self.hosts));
        let lines = lines.map(|(host, name)| Line {
            name: name.to_owned(),
            share: host.share(self.wall),
            amount: text::threads(host.threads),
            items: host.items,
        });
        write_lines(f, &lines.collect::<Vec<_>>())
    }

    /// Writes a character for each thread.
    fn write_thread_sparks(&self, f: &mut Formatter<'_>) -> Result {
        let shares = self.busy.iter().map(|busy| share(*busy, self.wall));
        let shares: Vec<_> = shares.collect();
        write_sparks(f, &shares)?;
        let (least, most) = extremes(&shares);
        let [least, most] = [least, most].map(|i| text::percent(shares[i]));
        write!(f, "\n  {:NAME$} {least} to {most} of the time", "")
    }

    /// Writes a character for each host.
    fn write_host_sparks(&self, f: &mut Formatter<'_>) -> Result {
        let shares = self.hosts.iter().map(|host| host.share(self.wall));
        let shares: Vec<_> = shares.collect();
        write_sparks(f, &shares)?;
        let names = short_names(&self.hosts);
        let (least, most) = extremes(&shares);
        let [least, most] =
            [least, most].map(|i| format!("{} ({})", text::percent(shares[i]), names[i]));
        write!(f, "\n  {:NAME$} {least} to {most} of the time", "")
    }

    /// Writes the slowest chunks, unless there was only one chunk.
    fn write_slowest(&self, f: &mut Formatter<'_>) -> Result {
        if self.chunks < 2 {
            return Ok(());
        }
        let chunks = text::count(self.chunks);
        let mean = text::time(self.mean_item_time());
        write!(
            f,
            "\n  slowest of {chunks} chunks, where an item took {mean} on average"
        )?;
        let positions: Vec<_> = self.slowest.iter().map(text::positions).collect();
        let times: Vec<_> = self.slowest.iter().map(|s| text::time(s.time)).collect();
        let (wide, width) = (width(&positions), width(&times));
        for ((positions, time), chunk) in positions.iter().zip(&times).zip(&self.slowest) {
            write!(f, "\n    {positions:wide$}  {time:>width$}")?;
            if let Some(host) = self.host_name_of(chunk) {
                write!(f, "  {host}")?;
            }
        }
        Ok(())
    }

    /// Returns a number of threads, or of the processes that they have.
    pub(super) fn workers(&self, number: usize) -> String {
        if self.is_isolated {
            text::processes(number)
        } else {
            text::threads(number)
        }
    }

    /// Returns the name of a thread, or of the process that it has.
    pub(super) fn worker_name(&self, key: ThreadKey) -> String {
        if self.is_isolated {
            format!("process {}", key.number + 1)
        } else {
            text::thread_name(key)
        }
    }

    /// Returns the name of the host that evaluated `chunk`, if there are several hosts.
    pub(super) fn host_name_of(&self, chunk: &Chunk) -> Option<&str> {
        let host = self.threads[self.thread_of(chunk)?].host;
        (self.hosts.len() > 1).then(|| short_names(&self.hosts)[host])
    }
}

/// A line of the table: a thread or a host.
struct Line {
    name: String,
    /// The share of the time in which it was busy.
    share: f64,
    /// The time for which a thread was busy, or the number of a host's threads.
    amount: String,
    items: usize,
}

fn write_lines(f: &mut Formatter<'_>, lines: &[Line]) -> Result {
    let wide = width(lines.iter().map(|line| &line.name)).max(NAME);
    let width = width(lines.iter().map(|line| &line.amount));
    for line in lines {
        let Line { name, amount, .. } = line;
        let (bar, percent) = (marks::bar(line.share), text::percent(line.share));
        let items = text::items(line.items);
        write!(
            f,
            "\n  {name:wide$} {bar} {amount:>width$} {percent:>6}  {items}"
        )?;
    }
    Ok(())
}

/// Writes a character for each share.
fn write_sparks(f: &mut Formatter<'_>, shares: &[f64]) -> Result {
    for (line, shares) in shares.chunks(SPARKS).enumerate() {
        let title = if line == 0 { "busy" } else { "" };
        let sparks: String = shares.iter().map(|share| marks::spark(*share)).collect();
        write!(f, "\n  {title:NAME$} {sparks}")?;
    }
    Ok(())
}

/// Returns the indices of the least and the greatest share.
fn extremes(shares: &[f64]) -> (usize, usize) {
    let by_share = |a: &usize, b: &usize| shares[*a].total_cmp(&shares[*b]);
    let least = (0..shares.len()).min_by(by_share);
    let most = (0..shares.len()).max_by(by_share);
    (least.unwrap_or(0), most.unwrap_or(0))
}

/// Returns the width of a column, in characters.
fn width<'t>(texts: impl IntoIterator<Item = &'t String>) -> usize {
    let widths = texts.into_iter().map(|text| text.chars().count());
    widths.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::observe::Serial;
    use crate::observe::report::samples::{gain, on_machines, on_threads};
    use crate::observe::report::speedup::MeasuredGain;

    fn lines(report: &Report) -> Vec<String> {
        report.to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_for_each_thread() {
        let mut report = on_threads(&[100, 50, 0]);
        report.threads[0].items = 12_344;
        report.threads[1].items = 1;
        assert_eq!(
            lines(&report),
            [
                "12,345 items in 100 ms on 3 threads: at most 1.5 times as fast as on one (50 % busy)",
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
        let lines = lines(&on_threads(&busy));
        let first = format!("  busy       █▄{}", "█".repeat(62));
        let second = format!("{}█ ████", " ".repeat(13));
        assert_eq!(lines[1..3], [first, second]);
        assert_eq!(lines[3].trim(), "0 % to 100 % of the time");
    }

    #[test]
    fn a_line_for_each_of_several_hosts() {
        let report = on_machines(&[
            ("login.example.org", &[100]),
            ("node1.example.org", &[100, 50]),
            ("node2.example.org", &[0, 0]),
            ("node1.example.org", &[30]),
        ]);
        assert_eq!(
            lines(&report),
            [
                "4 items in 100 ms on 6 threads of 3 hosts: at most 2.8 times as fast as on one \
                 (47 % busy)",
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
        let report = on_machines(&hosts);
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
        let report = on_machines(&[("node1", &[90, 0]), ("node1", &[80]), ("node1", &[60, 50])]);
        let lines = lines(&report);
        assert!(lines[0].contains(" on 5 threads of 1 host: "), "{lines:?}");
        let names = lines[1..6].iter().map(|line| line[..13].trim());
        let expected = ["caller", "helper 1", "rank 1 #0", "rank 2 #0", "rank 2 #1"];
        assert!(names.eq(expected), "{lines:?}");
        assert!(lines[7..].iter().all(|line| !line.contains("node1")));
    }

    #[test]
    fn the_plain_loop_has_no_table() {
        let mut report = on_threads(&[90]);
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
    fn missing_threads_have_a_line() {
        let mut report = on_threads(&[90]);
        report.serial = Some(Serial::OneThread);
        (report.wanted_threads, report.missing_threads) = (8, 7);
        let line = "  only 1 of 8 threads could be started";
        assert_eq!(lines(&report)[1], line);
        (report.serial, report.missing_threads) = (None, 0);
        assert!(!report.to_string().contains("could be started"));
    }

    #[test]
    fn the_gain_is_told_as_it_was_measured() {
        let mut report = on_threads(&[100, 100]);
        let mut gain_in = |in_company| {
            let gain = gain(100.0, in_company, 2);
            report.gain = MeasuredGain::checked(gain, Duration::ZERO);
            report.gain_in_words()
        };
        assert_eq!(gain_in(105.0), "1.9 times as fast as on one");
        assert_eq!(gain_in(200.0), "no faster than on one");
        assert_eq!(gain_in(300.0), "only 0.7 times as fast as on one");
        assert_eq!(gain_in(0.0), "at most 2.0 times as fast as on one");
    }

    #[test]
    fn what_held_a_job_up_follows_the_threads() {
        let mut report = on_threads(&[90; 4]);
        report.limited = Some(1);
        assert_eq!(
            lines(&report)[5],
            "  1 of 4 threads used: more did not help, items wait for each other"
        );
    }

    #[test]
    fn a_contended_call_says_why_it_was_serial() {
        let mut report = on_threads(&[90]);
        report.serial = Some(Serial::Contended);
        assert_eq!(
            lines(&report)[0],
            "12,345 items in 100 ms as the plain loop: more threads did not help, as items wait \
             for each other"
        );
    }

    #[test]
    fn a_report_of_no_time_shows_numbers() {
        let mut report = on_threads(&[0, 0]);
        report.wall = Duration::ZERO;
        assert_eq!((report.speedup(), report.efficiency()), (0.0, 0.0));
        assert!(
            report
                .to_string()
                .contains("no faster than on one (0 % busy)")
        );
        assert!(!report.timeline_svg().contains("NaN"));
    }
}
