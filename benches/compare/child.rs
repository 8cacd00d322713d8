//! The process that measures one contender of one row.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::thread;

use crate::contenders::Contender;
use crate::lap::{self, Pace};
use crate::work::{Calibration, Item};

/// One contender of one row, and how to measure it.
pub(crate) struct Child {
    pub(crate) table: String,
    pub(crate) row: String,
    pub(crate) pace: Pace,
    pub(crate) contender: Contender,
    quick: bool,
    calibration: Calibration,
}

impl Child {
    /// Returns the arguments from which [`Self::new`] reads a child.
    pub(crate) fn arguments(
        table: &str,
        row: &str,
        contender: Contender,
        quick: bool,
        calibration: &Calibration,
    ) -> [String; 5] {
        let index = Contender::ALL.iter().position(|other| *other == contender);
        [
            table.to_owned(),
            row.to_owned(),
            index.unwrap_or_default().to_string(),
            quick.to_string(),
            calibration.to_text(),
        ]
    }

    pub(crate) fn new(arguments: &[String]) -> Option<Self> {
        let [table, row, index, quick, calibration] = arguments else {
            return None;
        };
        Some(Self {
            table: table.clone(),
            row: row.clone(),
            pace: Pace::Steady,
            contender: *Contender::ALL.get(index.parse::<usize>().ok()?)?,
            quick: quick.parse().ok()?,
            calibration: Calibration::from_text(calibration)?,
        })
    }

    /// Returns `len` items, of which item `i` takes `nanos(i)` nanoseconds.
    pub(crate) fn items(&self, len: u32, nanos: impl Fn(u32) -> f64) -> Vec<Item> {
        self.calibration.items(len, nanos)
    }

    /// Returns the number of steps whose time is closest to `nanos`.
    pub(crate) fn steps(&self, nanos: f64) -> u32 {
        self.calibration.steps(nanos)
    }

    /// Measures calls of `run`, and prints [what they took](Samples).
    pub(crate) fn measure<In, R: Hash>(&self, input: impl Fn() -> In, run: impl Fn(In) -> Vec<R>) {
        leave_single_threaded();
        let seconds = lap::measure(self.pace, self.quick, &input, &run);
        let mut hasher = DefaultHasher::new();
        run(input()).hash(&mut hasher);
        let results = hasher.finish();
        print!("{}", Samples { results, seconds }.to_text());
    }
}

/// Starts and ends a thread. Before its first thread, a process of glibc allocates without locks,
/// and the loop would be faster by that than in a program that has threads.
fn leave_single_threaded() {
    thread::spawn(|| ())
        .join()
        .expect("the thread does nothing");
}

/// What a child prints.
pub(crate) struct Samples {
    /// A hash of the results of a call.
    pub(crate) results: u64,
    /// The seconds per call, for each round.
    pub(crate) seconds: Vec<f64>,
}

impl Samples {
    fn to_text(&self) -> String {
        let seconds = self.seconds.iter().map(f64::to_string);
        let seconds: Vec<_> = seconds.collect();
        format!("{} {}\n", self.results, seconds.join(" "))
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut words = text.strip_suffix('\n')?.split(' ');
        let results = words.next()?.parse().ok()?;
        let seconds = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
        Some(Self { results, seconds })
    }
}
