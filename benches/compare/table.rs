//! The printed tables: one for each part, and two summaries.

use crate::contenders::COLUMNS;
use crate::race::Times;

/// Rows in which ours is below this share of the best are listed.
const MARK: f64 = 0.95;

const OURS: usize = COLUMNS.len() - 1;

/// All rows so far.
#[derive(Default)]
pub(crate) struct Tables {
    rows: Vec<Row>,
}

struct Row {
    part: &'static str,
    name: String,
    /// The speed-up over the loop, for each of [`COLUMNS`].
    speedups: Times,
}

impl Row {
    fn best(&self) -> usize {
        let faster = |a: &usize, b: &usize| self.speedups[*a].total_cmp(&self.speedups[*b]);
        (0..COLUMNS.len()).max_by(faster).unwrap_or(0)
    }

    /// Returns the speed-up of ours as a share of the best one.
    fn share(&self) -> f64 {
        self.speedups[OURS] / self.speedups[self.best()]
    }
}

impl Tables {
    /// Prints the head of the table of a part.
    pub(crate) fn part(title: &str) {
        println!("\n### {title}\n");
        println!("| | {} |", COLUMNS.join(" | "));
        println!("|---|{}", "---:|".repeat(COLUMNS.len()));
    }

    /// Prints a row with its best result in bold.
    pub(crate) fn add(&mut self, part: &'static str, name: String, times: &Times) {
        let speedups = times.map(|time| times[0] / time);
        let row = Row {
            part,
            name,
            speedups,
        };
        let best = row.best();
        let cells = (0..COLUMNS.len()).map(|column| {
            let cell = match column {
                0 => seconds(times[0]),
                _ => speedup(row.speedups[column]),
            };
            if column == best {
                format!("**{cell}**")
            } else {
                cell
            }
        });
        println!(
            "| {} | {} |",
            row.name,
            cells.collect::<Vec<_>>().join(" | ")
        );
        self.rows.push(row);
    }

    /// Prints the ratio of ours to each contender, for each part and for all rows.
    pub(crate) fn print_means(&self) {
        println!("\n### Ours relative to each contender, geometric means\n");
        println!("| | rows | {} |", COLUMNS[..OURS].join(" | "));
        println!("|---|---:|{}", "---:|".repeat(OURS));
        let mut parts: Vec<_> = self.rows.iter().map(|row| row.part).collect();
        parts.dedup();
        for part in parts {
            let of_part: Vec<_> = self.rows.iter().filter(|row| row.part == part).collect();
            print_mean(part, &of_part);
        }
        print_mean("all", &self.rows.iter().collect::<Vec<_>>());
    }

    /// Prints the rows in which ours is below [`MARK`], the worst first.
    pub(crate) fn print_misses(&self) {
        let mut misses: Vec<_> = self.rows.iter().filter(|row| row.share() < MARK).collect();
        misses.sort_by(|a, b| a.share().total_cmp(&b.share()));
        println!(
            "\n### Ours below {MARK} of the best: {} of {} rows",
            misses.len(),
            self.rows.len()
        );
        if misses.is_empty() {
            return;
        }
        println!("\n| | | best | | ours | share |\n|---|---|---|---:|---:|---:|");
        for row in misses {
            let best = row.best();
            let [theirs, ours] = [best, OURS].map(|column| speedup(row.speedups[column]));
            let (part, name, share) = (row.part, &row.name, row.share());
            println!(
                "| {part} | {name} | {} | {theirs} | {ours} | {share:.2} |",
                COLUMNS[best]
            );
        }
    }
}

fn print_mean(part: &str, rows: &[&Row]) {
    #[expect(clippy::cast_precision_loss, reason = "a few dozen rows")]
    let count = rows.len() as f64;
    let mean = |peer: usize| {
        let ratio = |row: &&Row| (row.speedups[OURS] / row.speedups[peer]).ln();
        let sum: f64 = rows.iter().map(ratio).sum();
        speedup((sum / count).exp())
    };
    let means: Vec<_> = (0..OURS).map(mean).collect();
    println!("| {part} | {} | {} |", rows.len(), means.join(" | "));
}

/// Formats a speed-up with two digits after the point, or with more if it is small.
fn speedup(factor: f64) -> String {
    match factor {
        0.1.. => format!("{factor:.2}"),
        0.01.. => format!("{factor:.3}"),
        _ => format!("{factor:.5}"),
    }
}

fn seconds(time: f64) -> String {
    let (scaled, unit) = match time {
        1.0.. => (time, "s"),
        1e-3.. => (time * 1e3, "ms"),
        1e-6.. => (time * 1e6, "us"),
        _ => (time * 1e9, "ns"),
    };
    match scaled {
        100.0.. => format!("{scaled:.0} {unit}"),
        10.0.. => format!("{scaled:.1} {unit}"),
        _ => format!("{scaled:.2} {unit}"),
    }
}
