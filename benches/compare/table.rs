//! The printed tables, and two summaries.

use crate::contenders::COLUMNS;
use crate::rows::Table;

/// Rows in which ours is below this share of the best are listed.
const MARK: f64 = 0.95;

const OURS: usize = COLUMNS.len() - 1;

/// All rows so far.
#[derive(Default)]
pub(crate) struct Tables {
    rows: Vec<Row>,
}

struct Row {
    table: &'static str,
    name: String,
    /// The speed-up over the loop, for each of [`COLUMNS`].
    speedups: [f64; COLUMNS.len()],
}

/// Seconds per call over the rounds of one contender.
#[derive(Clone, Copy)]
struct Time {
    median: f64,
    /// The time within which 90 % of the rounds end.
    slow: f64,
}

impl Time {
    fn new(rounds: &[f64]) -> Self {
        let mut rounds = rounds.to_vec();
        rounds.sort_unstable_by(f64::total_cmp);
        Self {
            median: rounds[rounds.len() / 2],
            slow: rounds[(rounds.len() * 9).div_ceil(10) - 1],
        }
    }
}

/// The time of the best contender of each of [`COLUMNS`].
pub(crate) struct Times([Time; COLUMNS.len()]);

impl Times {
    /// Takes the rounds of each contender of each column.
    pub(crate) fn new(columns: [Vec<&[f64]>; COLUMNS.len()]) -> Self {
        Self(columns.map(|contenders| {
            let times = contenders.into_iter().map(Time::new);
            let best = times.min_by(|a, b| a.median.total_cmp(&b.median));
            best.expect("a column has a contender")
        }))
    }
}

/// Prints what the numbers of all tables mean.
pub(crate) fn print_legend(cores: usize) {
    println!(
        "Speed-ups over the plain loop on {cores} cores: the median time of the loop divided by \
         the median time of\na contender. The column of the loop is its median time."
    );
    println!(
        "\nIn brackets: the speed-up that 90 % of the contender's rounds reach. It is the median \
         time of the loop\ndivided by the time within which 90 % of the rounds end."
    );
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
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Prints a row with its best result in bold, and the head of its table if it is the first.
    pub(crate) fn add(&mut self, table: Table, name: &str, times: &Times) {
        if self.rows.last().is_none_or(|row| row.table != table.name) {
            println!("\n### {}\n", table.title);
            println!("| median (90 % of rounds) | {} |", COLUMNS.join(" | "));
            println!("|---|{}", "---:|".repeat(COLUMNS.len()));
        }
        let row = Row {
            table: table.name,
            name: name.to_owned(),
            speedups: times.0.map(|time| times.0[0].median / time.median),
        };
        let best = row.best();
        let cells = (0..COLUMNS.len()).map(|column| {
            let cell = match column {
                0 => seconds(times.0[0].median),
                _ => speedup(row.speedups[column]),
            };
            let cell = if column == best {
                format!("**{cell}**")
            } else {
                cell
            };
            let reached = times.0[0].median / times.0[column].slow;
            format!("{cell} ({})", speedup(reached))
        });
        println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
        self.rows.push(row);
    }

    /// Prints the ratio of ours to each contender, for each table and for all rows.
    pub(crate) fn print_means(&self) {
        println!("\n### Ours relative to each contender, geometric means\n");
        println!("| | rows | {} |", COLUMNS[..OURS].join(" | "));
        println!("|---|---:|{}", "---:|".repeat(OURS));
        for rows in self.rows.chunk_by(|a, b| a.table == b.table) {
            print_mean(rows[0].table, rows);
        }
        print_mean("all", &self.rows);
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
            let (table, name, share) = (row.table, &row.name, row.share());
            println!(
                "| {table} | {name} | {} | {theirs} | {ours} | {share:.2} |",
                COLUMNS[best]
            );
        }
    }
}

fn print_mean(table: &str, rows: &[Row]) {
    #[expect(clippy::cast_precision_loss, reason = "a few dozen rows")]
    let count = rows.len() as f64;
    let mean = |peer: usize| {
        let ratio = |row: &Row| (row.speedups[OURS] / row.speedups[peer]).ln();
        let sum: f64 = rows.iter().map(ratio).sum();
        speedup((sum / count).exp())
    };
    let means: Vec<_> = (0..OURS).map(mean).collect();
    println!("| {table} | {} | {} |", rows.len(), means.join(" | "));
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
