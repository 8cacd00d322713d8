//! Prints what came of the functions: a table, and lists.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::class::Class;
use crate::function::Function;
use crate::trial::{Finding, Trial};

const COLUMNS: [&str; 7] = [
    "crate",
    "functions",
    "compiles",
    "refused by parallelize",
    "refused by rustc",
    "something else",
    "new warning",
];

/// What came of each crate, by its name and version.
#[derive(Default)]
pub struct Report(Vec<(String, Trial)>);

impl Report {
    pub fn add(&mut self, name: String, trial: Trial) {
        self.0.push((name, trial));
    }

    /// Returns the table and the lists. `lists_all` adds the lists of what was refused.
    pub fn text(&self, lists_all: bool) -> String {
        let mut text = self.table() + &self.faults();
        for (title, class) in [
            ("refused by parallelize", Class::RefusedByParallelize),
            ("refused by rustc", Class::RefusedByRustc),
            ("something else", Class::SomethingElse),
        ] {
            if lists_all || class == Class::SomethingElse {
                text += &self.list(title, |finding| {
                    if finding.class == class {
                        &finding.errors
                    } else {
                        &[]
                    }
                });
            }
        }
        text += &self.list("new warning", |finding| &finding.warnings);
        for (name, trial) in &self.0 {
            for warning in &trial.stray_warnings {
                _ = writeln!(text, "{name}: {warning}");
            }
        }
        text
    }

    fn table(&self) -> String {
        let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
        let mut total = [0; 6];
        for (name, trial) in &self.0 {
            let counts = counts(&trial.findings);
            for (total, count) in total.iter_mut().zip(counts) {
                *total += count;
            }
            rows.push(row(name, counts));
        }
        rows.push(row("total", total));
        aligned(&rows)
    }

    /// Returns how often parallelize refuses a function for which fault. Its words name the fault
    /// before a semicolon, and the remedy behind it.
    fn faults(&self) -> String {
        let mut faults: BTreeMap<&str, usize> = BTreeMap::new();
        let findings = self.0.iter().flat_map(|(_, trial)| &trial.findings);
        for (_, finding) in findings {
            if finding.class == Class::RefusedByParallelize {
                let fault = finding.errors[0].split(';').next().unwrap_or_default();
                *faults.entry(fault).or_default() += 1;
            }
        }
        let mut text = "\n== refused by parallelize, by the fault\n".to_owned();
        for (fault, count) in faults {
            _ = writeln!(text, "{count:>6}  {fault}");
        }
        text
    }

    /// Returns the functions for which `lines` returns any, each with its place and signature.
    fn list(&self, title: &str, lines: impl Fn(&Finding) -> &[String]) -> String {
        let mut text = String::new();
        for (name, trial) in &self.0 {
            for (function, finding) in &trial.findings {
                let lines = lines(finding);
                if !lines.is_empty() {
                    text += &entry(name, function, lines);
                }
            }
        }
        format!("\n== {title}\n{text}")
    }
}

fn entry(name: &str, function: &Function, lines: &[String]) -> String {
    let Function {
        file,
        line,
        signature,
        ..
    } = function;
    let mut text = format!("{name}: {}:{line}: {signature}\n", file.display());
    for line in lines {
        _ = writeln!(text, "    {line}");
    }
    text
}

fn counts(findings: &[(Function, Finding)]) -> [usize; 6] {
    let count = |has: &dyn Fn(&Finding) -> bool| {
        findings.iter().filter(|(_, finding)| has(finding)).count()
    };
    [
        findings.len(),
        count(&|finding| finding.class == Class::Compiles),
        count(&|finding| finding.class == Class::RefusedByParallelize),
        count(&|finding| finding.class == Class::RefusedByRustc),
        count(&|finding| finding.class == Class::SomethingElse),
        count(&|finding| !finding.warnings.is_empty()),
    ]
}

fn row(name: &str, counts: [usize; 6]) -> Vec<String> {
    let counts = counts.map(|count| count.to_string());
    [name.to_owned()].into_iter().chain(counts).collect()
}

/// Returns the `rows` below each other. Names are aligned to the left, and counts to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    for row in rows {
        _ = write!(text, "{:<1$}", row[0], width(0));
        for (column, count) in row.iter().enumerate().skip(1) {
            _ = write!(text, "  {count:>0$}", width(column));
        }
        text.push('\n');
    }
    text
}
