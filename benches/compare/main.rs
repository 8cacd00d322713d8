//! Compares `parallelize` with the plain loop and with other crates, as speed-ups over the loop.
//!
//! ```console
//! cargo bench --bench compare                  all parts, in some minutes
//! cargo bench --bench compare -- quick         all parts, roughly, in less than a minute
//! cargo bench --bench compare -- hot cold      only these parts
//! ```

mod contenders;
mod machine;
mod race;
mod rows;
mod table;
mod work;

use std::env;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use machine::Ticks;
use race::{Effort, Pace, race};
use table::Tables;
use work::{Calibration, Item};

/// The state that all rows share.
struct Bench {
    calibration: Calibration,
    quick: bool,
    tables: Tables,
}

/// The name of a part and the function that measures its rows.
type Part = (&'static str, fn(&mut Bench));

const PARTS: [Part; 6] = [
    ("grid", rows::grid::run),
    ("shapes", rows::shapes::run),
    ("inputs", rows::inputs::run),
    ("hot", rows::hot::run),
    ("cold", rows::cold::run),
    ("nested", rows::nested::run),
];

fn main() -> ExitCode {
    // Cargo adds the argument `--bench`.
    let words: Vec<_> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let is_part = |word: &String| PARTS.iter().any(|(part, _)| part == word);
    let (parts, others): (Vec<_>, Vec<_>) = words.into_iter().partition(is_part);
    if others.iter().any(|word| word != "quick") {
        let names = PARTS.map(|(part, _)| part).join("] [");
        eprintln!("usage: cargo bench --bench compare -- [quick] [{names}]");
        return ExitCode::FAILURE;
    }
    let start = Ticks::now();
    let mut bench = Bench {
        calibration: Calibration::measure(),
        quick: !others.is_empty(),
        tables: Tables::default(),
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("Speed-ups over the plain loop on {cores} cores; the column of the loop is its time.");
    for (part, run) in PARTS {
        if parts.is_empty() || parts.iter().any(|chosen| chosen == part) {
            run(&mut bench);
        }
    }
    bench.tables.print_means();
    bench.tables.print_misses();
    if let Some(start) = start {
        start.print_others();
    }
    ExitCode::SUCCESS
}

impl Bench {
    /// Returns how long to measure at this pace.
    fn effort(&self, pace: Pace) -> Effort {
        let (least_rounds, most_rounds, seconds) = match (pace, self.quick) {
            (Pace::Steady, false) => (7, 31, 4.0),
            (Pace::Steady, true) => (1, 5, 0.2),
            (Pace::Hot { .. }, false) => (10, 10, 0.0),
            (Pace::Hot { .. }, true) => (3, 3, 0.0),
            (Pace::Cold { .. }, false) => (51, 51, 0.0),
            (Pace::Cold { .. }, true) => (9, 9, 0.0),
        };
        Effort {
            least_rounds,
            most_rounds,
            time: Duration::from_secs_f64(seconds),
        }
    }

    /// Measures and prints a row in which all contenders work on the same slice.
    fn slice_row(
        &mut self,
        part: &'static str,
        name: String,
        pace: Pace,
        items: &[Item],
        ours: rows::Companion,
    ) {
        let times = race(
            pace,
            self.effort(pace),
            items.len(),
            || items,
            |contender, items| contender.slice(items, |item| item.work(), ours),
        );
        self.tables.add(part, name, &times);
    }
}
