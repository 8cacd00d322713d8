//! Processes that die at chosen moments: before the first item, while an item or a result travels,
//! in an item, between two, and in the middle of a message.

use std::collections::HashMap;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use parallelize::{DeathCause, Outcome, parallel};
use rustix::process::{Signal, getpid, kill_process};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Named;

pub(crate) const TESTS: &[Named] = &[(
    "a_death_at_any_moment_costs_one_item",
    a_death_at_any_moment_costs_one_item,
)];

/// The number of items with which processes die, in all.
const DEATHS: usize = 1_000;

/// When a process dies that has to do with a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Fate {
    Lives,
    Decoded,
    Evaluated,
    Encoded,
    /// This number of microseconds after the value was decoded, whatever happens then.
    Later(u64),
    /// In every third process. Of a constant, that is before the first item.
    SomeDecoded,
}

fn die() -> ! {
    loop {
        _ = kill_process(getpid(), Signal::KILL);
    }
}

/// Returns whether this process evaluates items. Values that travel in others are safe.
fn is_worker() -> bool {
    env::var_os("PARALLELIZE_PROCESS").is_some()
}

/// An item, a constant, and a result.
#[derive(Clone, Debug, PartialEq)]
struct Parcel {
    index: usize,
    fate: Fate,
    text: String,
}

impl Serialize for Parcel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.fate == Fate::Encoded && is_worker() {
            die();
        }
        (self.index, self.fate, &self.text).serialize(serializer)
    }
}

impl<'d> Deserialize<'d> for Parcel {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        let (index, fate, text) = Deserialize::deserialize(deserializer)?;
        match fate {
            _ if !is_worker() => {}
            Fate::Decoded => die(),
            Fate::SomeDecoded if process::id() % 3 == 0 => die(),
            Fate::Later(micros) => {
                thread::spawn(move || {
                    thread::sleep(Duration::from_micros(micros));
                    die()
                });
            }
            _ => {}
        }
        Ok(Self { index, fate, text })
    }
}

/// Returns the item with a longer text, and notes in `log` that it was evaluated.
#[parallel(cluster)]
fn evaluate(item: Parcel, constant: &Parcel, log: &Path) -> Parcel {
    let note = format!("{}\n", item.index);
    let mut log = OpenOptions::new().append(true).open(log).expect("a log");
    log.write_all(note.as_bytes()).expect("a log");
    if item.fate == Fate::Evaluated {
        die();
    }
    changed(item, constant)
}

fn changed(mut item: Parcel, constant: &Parcel) -> Parcel {
    item.text.push_str(&constant.text);
    item
}

/// A generator of numbers that look random (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn fate(&mut self) -> Fate {
        match self.below(20) {
            0 => Fate::Decoded,
            1 => Fate::Evaluated,
            2 => Fate::Encoded,
            3 => Fate::Later(self.below(2_000)),
            _ => Fate::Lives,
        }
    }

    /// A few bytes, or more than a socket holds.
    fn text(&mut self) -> String {
        let len = match self.below(20) {
            0 => 300_000,
            1..10 => 100,
            _ => 1,
        };
        "x".repeat(len)
    }
}

fn a_death_at_any_moment_costs_one_item() {
    let log = &env::temp_dir().join(format!("log of deaths {}", process::id()));
    let mut random = Random(u64::from(process::id()) | 1 << 40);
    let mut deaths = 0;
    while deaths < DEATHS {
        let constant = Parcel {
            index: 0,
            fate: [Fate::Lives, Fate::SomeDecoded][usize::from(random.below(2) == 0)],
            text: random.text(),
        };
        let items: Vec<_> = (0..100)
            .map(|index| Parcel {
                index,
                fate: random.fate(),
                text: random.text(),
            })
            .collect();
        fs::write(log, "").expect("a log");
        let job = evaluate_job(items.clone(), &constant, log);
        let job = job
            .processes([1, 2, 3][deaths % 3])
            .chunk_size([0, 1, 30][deaths % 3]);
        let outcomes = job.outcomes();
        let evaluations = evaluations(log);
        assert_eq!(outcomes.len(), items.len());
        for (index, (outcome, item)) in outcomes.into_iter().zip(items).enumerate() {
            let evaluated = evaluations.get(&index).copied().unwrap_or(0);
            assert!(
                evaluated <= 1,
                "item {index} was evaluated {evaluated} times"
            );
            match outcome {
                Outcome::Done(result) => {
                    assert_eq!(evaluated, 1, "item {index}");
                    assert!(!matches!(
                        item.fate,
                        Fate::Decoded | Fate::Evaluated | Fate::Encoded
                    ));
                    assert_eq!(result, changed(item, &constant));
                }
                Outcome::Died(death) => {
                    assert_eq!((death.index, death.cause), (index, DeathCause::Signal(9)));
                    deaths += 1;
                }
                other => panic!("item {index}: {other:?}"),
            }
        }
    }
    fs::remove_file(log).expect("a log");
}

/// Returns how often each item was evaluated.
fn evaluations(log: &PathBuf) -> HashMap<usize, usize> {
    let mut evaluations = HashMap::new();
    for line in fs::read_to_string(log).expect("a log").lines() {
        *evaluations
            .entry(line.parse().expect("an index"))
            .or_default() += 1;
    }
    evaluations
}
