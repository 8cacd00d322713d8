//! The process that starts all others, merges what they measure, and prints it.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use crate::CHILD;
use crate::allocator;
use crate::child::{Child, Samples};
use crate::contenders::{COLUMNS, Contender, THREADS};
use crate::machine::Ticks;
use crate::rows::{Row, TABLES, Table};
use crate::table::{self, Tables, Times};
use crate::work::Calibration;

pub(crate) struct Parent {
    program: PathBuf,
    quick: bool,
    /// The tables to measure, by name. All if empty.
    chosen: Vec<String>,
    /// A text that the names of the rows to measure contain.
    row: String,
    calibration: Calibration,
    start: Option<Ticks>,
    /// The table whose rows are declared.
    table: Table,
    tables: Tables,
}

impl Parent {
    /// Returns `None` if a word means nothing.
    pub(crate) fn new(words: &[String]) -> Option<Self> {
        let (mut quick, mut chosen, mut row) = (false, Vec::new(), String::new());
        for word in words {
            if let Some(text) = word.strip_prefix("row=") {
                text.clone_into(&mut row);
            } else if word == "quick" {
                quick = true;
            } else if TABLES.iter().any(|table| table.name == word) {
                chosen.push(word.clone());
            } else {
                return None;
            }
        }
        Some(Self {
            program: env::current_exe().ok()?,
            quick,
            chosen,
            row,
            calibration: Calibration::measure(),
            start: Ticks::now(),
            table: TABLES[0],
            tables: Tables::default(),
        })
    }

    /// Notes that the following rows belong to this table.
    pub(crate) fn enter(&mut self, table: Table) {
        self.table = table;
    }

    /// Measures and prints a row, if it is chosen.
    pub(crate) fn row(&mut self, row: &Row) {
        let is_chosen = |name: &String| name == self.table.name;
        if !(self.chosen.is_empty() || self.chosen.iter().any(is_chosen)) {
            return;
        }
        if row.name.contains(&self.row) {
            if self.tables.is_empty() {
                let cores = thread::available_parallelism().map_or(1, usize::from);
                table::print_legend(cores);
            }
            let times = self.race(row);
            self.tables.add(self.table, &row.name, &times);
        }
    }

    /// Times all contenders. They take turns, several times, each in a process of its own.
    ///
    /// # Panics
    ///
    /// Panics if the results of a contender differ from those of the loop.
    fn race(&self, row: &Row) -> Times {
        let turns = if self.quick { 2 } else { 5 };
        let contenders = Contender::ALL.into_iter().filter(|c| c.suits(row.len));
        let mut seconds: Vec<_> = contenders.map(|c| (c, Vec::new())).collect();
        for _ in 0..turns {
            let mut expected = None;
            for (contender, seconds) in &mut seconds {
                let samples = self.samples(row, *contender);
                let is_right = *expected.get_or_insert(samples.results) == samples.results;
                assert!(
                    is_right,
                    "{}: the results of {contender:?} differ from those of the loop",
                    row.name
                );
                seconds.extend(samples.seconds);
            }
        }
        Times::new(COLUMNS.map(|column| {
            let of_column = seconds.iter().filter(|(c, _)| c.is_in(column));
            of_column.map(|(_, seconds)| &**seconds).collect()
        }))
    }

    /// Returns what a process prints that measures this contender.
    fn samples(&self, row: &Row, contender: Contender) -> Samples {
        let mut command = Command::new(&self.program);
        command
            .arg(CHILD)
            .args(Child::arguments(
                self.table.name,
                &row.name,
                contender,
                self.quick,
                &self.calibration,
            ))
            .env(allocator::VARIABLE, row.allocator.name())
            .stderr(Stdio::inherit());
        if let Some(threads) = row.threads {
            command.env(THREADS, threads.to_string());
        }
        let output = command.output().expect("this program can start itself");
        let text = String::from_utf8_lossy(&output.stdout);
        match Samples::from_text(&text) {
            Some(samples) if output.status.success() => samples,
            _ => panic!("{}: {contender:?} failed: {}", row.name, output.status),
        }
    }

    /// Prints the summaries. Fails if no row was chosen.
    pub(crate) fn finish(self) -> ExitCode {
        if self.tables.is_empty() {
            eprintln!("no row of these tables has a name with `{}`", self.row);
            return ExitCode::FAILURE;
        }
        self.tables.print_means();
        self.tables.print_misses();
        if let Some(start) = self.start {
            start.print_others();
        }
        ExitCode::SUCCESS
    }
}
