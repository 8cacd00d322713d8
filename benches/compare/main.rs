//! Compares `parallelize` with the plain loop and with other crates, as speed-ups over the loop.
//!
//! ```console
//! cargo bench --bench compare                            all tables, in some ten minutes
//! cargo bench --bench compare -- quick                   all tables, roughly, in two minutes
//! cargo bench --bench compare -- hot cold                only these tables
//! cargo bench --bench compare -- contention row=RwLock   only rows whose names contain this
//! ```
//!
//! Each contender of a row runs in a process of its own. In one process, contenders would disturb
//! each other's allocator caches and thread placement. This program starts itself for each of them,
//! in turn and several times, and merges what they print.

mod allocator;
mod child;
mod contenders;
mod lap;
mod machine;
mod parent;
mod rows;
mod table;
mod work;

use std::env;
use std::process::ExitCode;

use child::Child;
use parent::Parent;
use rows::{Row, TABLES};

/// The first argument of a process that measures one contender.
const CHILD: &str = "--child";

/// What is done with a row that a table declares.
enum Bench {
    /// Start a process for each contender, and print the row.
    Parent(Parent),
    /// Measure one contender of one row, and pass over all other rows.
    Child(Child),
}

fn main() -> ExitCode {
    // Cargo adds the argument `--bench`.
    let words = env::args().skip(1).filter(|word| word != "--bench");
    let words: Vec<_> = words.collect();
    if words.first().is_some_and(|word| word == CHILD) {
        let child = Child::new(&words[1..]).expect("the parent passes these arguments");
        let table = TABLES.into_iter().find(|table| table.name == child.table);
        let rows = table.expect("the parent has the same tables").rows;
        rows(&mut Bench::Child(child));
        return ExitCode::SUCCESS;
    }
    let Some(parent) = Parent::new(&words) else {
        let names = TABLES.map(|table| table.name).join("] [");
        eprintln!("usage: cargo bench --bench compare -- [quick] [{names}] [row=PART-OF-A-NAME]");
        return ExitCode::FAILURE;
    };
    let mut bench = Bench::Parent(parent);
    for table in TABLES {
        if let Bench::Parent(parent) = &mut bench {
            parent.enter(table);
        }
        (table.rows)(&mut bench);
    }
    match bench {
        Bench::Parent(parent) => parent.finish(),
        Bench::Child(_) => unreachable!("a child has left"),
    }
}

impl Bench {
    /// Measures a row. `measure` runs in the process of one contender: it makes the items, and
    /// passes a call to [`Child::measure`].
    fn row(&mut self, row: &Row, measure: impl FnOnce(&Child)) {
        match self {
            Self::Parent(parent) => parent.row(row),
            Self::Child(child) if child.row == row.name => {
                child.pace = row.pace;
                measure(child);
            }
            Self::Child(_) => {}
        }
    }
}
