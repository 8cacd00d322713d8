//! Annotates all functions of a package, and takes the attribute from those that fail until the
//! others compile.

use std::collections::{BTreeMap, HashSet};

use cargo_metadata::diagnostic::Diagnostic;

use crate::Result;
use crate::class::Class;
use crate::function::Function;
use crate::marked::Marked;
use crate::package::{Checked, Package};

const PARALLEL: &str = "#[::parallelize::parallel] ";
/// An attribute that does not exist: rustc names each place where it looks for it.
const PROBE: &str = "#[annotate_probe] ";

pub struct Trial {
    /// The functions that are compiled, and what comes of the attribute at them.
    pub findings: Vec<(Function, Finding)>,
    /// New warnings that belong to no function.
    pub stray_warnings: Vec<String>,
}

/// What comes of the attribute at a function.
#[derive(Clone, Default)]
pub struct Finding {
    pub class: Class,
    pub errors: Vec<String>,
    /// Those that the crate does not have without the attribute.
    pub warnings: Vec<String>,
}

/// Annotates the functions of `package`.
pub fn run(package: &Package) -> Result<Trial> {
    let before = package.check(|_, text| text.to_owned())?;
    if !before.compiles {
        return Err("the crate does not compile without the attribute".into());
    }
    let functions = compiled(package)?;
    let mut rounds = Rounds {
        package,
        known: before.diagnostics.iter().map(identity).collect(),
        findings: vec![Finding::default(); functions.len()],
        functions,
        stray_warnings: Vec::new(),
    };
    rounds.check_together()?;
    rounds.check_doubtful_ones_alone()?;
    Ok(Trial {
        findings: rounds.functions.into_iter().zip(rounds.findings).collect(),
        stray_warnings: rounds.stray_warnings,
    })
}

/// Returns the functions of `package` that are compiled, which the errors of a probe tell.
fn compiled(package: &Package) -> Result<Vec<Function>> {
    let functions = package.functions();
    let chosen: Vec<usize> = (0..functions.len()).collect();
    let marked = Marked {
        functions: &functions,
        chosen: &chosen,
        attribute: PROBE,
    };
    let checked = package.check(|file, text| marked.text(file, text))?;
    let places = checked
        .errors()
        .flat_map(|error| marked.primary_places(error));
    let probed = places.filter(|place| place.in_attribute);
    let probed: HashSet<usize> = probed.map(|place| place.function).collect();
    let (name, count) = (&package.name, probed.len());
    eprintln!("{name}: {count} of {} functions are compiled", chosen.len());
    let functions = functions.into_iter().enumerate();
    let compiled = functions.filter(|(index, _)| probed.contains(index));
    Ok(compiled.map(|(_, function)| function).collect())
}

struct Rounds<'a> {
    package: &'a Package,
    /// The warnings of the crate without the attribute.
    known: HashSet<Identity>,
    functions: Vec<Function>,
    /// One for each function.
    findings: Vec<Finding>,
    stray_warnings: Vec<String>,
}

impl Rounds<'_> {
    /// Annotates all functions, and then fewer, until they compile.
    fn check_together(&mut self) -> Result<()> {
        let mut chosen: Vec<usize> = (0..self.functions.len()).collect();
        loop {
            let checked = self.check(&chosen)?;
            if checked.compiles {
                self.note_warnings(&checked, &chosen);
                return Ok(());
            }
            let marked = self.marked(&chosen);
            let blamed = blame(&checked, &marked).into_iter();
            let mut failed: BTreeMap<usize, Finding> = blamed
                .map(|(function, errors)| (function, Finding::failed(&errors, &marked)))
                .collect();
            if failed.is_empty() {
                failed.insert(self.culprit(&chosen)?, Finding::doubtful());
            }
            let (name, count) = (&self.package.name, failed.len());
            eprintln!("{name}: {count} of {} fail", chosen.len());
            chosen.retain(|function| !failed.contains_key(function));
            for (function, finding) in failed {
                self.findings[function] = finding;
            }
        }
    }

    /// Annotates each function alone whose errors belong to no class: they may be those of
    /// another function.
    fn check_doubtful_ones_alone(&mut self) -> Result<()> {
        for function in 0..self.functions.len() {
            if self.findings[function].class != Class::SomethingElse {
                continue;
            }
            let chosen = [function];
            let checked = self.check(&chosen)?;
            let errors: Vec<_> = checked.errors().collect();
            self.findings[function] = Finding::failed(&errors, &self.marked(&chosen));
            if checked.compiles {
                self.note_warnings(&checked, &chosen);
            }
        }
        Ok(())
    }

    /// Returns one of the `suspects` because of which they do not compile.
    fn culprit(&self, mut suspects: &[usize]) -> Result<usize> {
        while suspects.len() > 1 {
            let (first, second) = suspects.split_at(suspects.len() / 2);
            suspects = if self.check(first)?.compiles {
                second
            } else {
                first
            };
        }
        suspects
            .first()
            .copied()
            .ok_or_else(|| "the crate compiles only at times".into())
    }

    fn note_warnings(&mut self, checked: &Checked, chosen: &[usize]) {
        for warning in &checked.diagnostics {
            if warning.spans.is_empty() || self.known.contains(&identity(warning)) {
                continue;
            }
            let owners = self.marked(chosen).owners(warning);
            if owners.is_empty() {
                self.stray_warnings.push(first_line(warning));
            }
            for function in owners {
                self.findings[function].warnings.push(first_line(warning));
            }
        }
    }

    fn check(&self, chosen: &[usize]) -> Result<Checked> {
        let marked = self.marked(chosen);
        self.package.check(|file, text| marked.text(file, text))
    }

    fn marked<'m>(&'m self, chosen: &'m [usize]) -> Marked<'m> {
        Marked {
            functions: &self.functions,
            chosen,
            attribute: PARALLEL,
        }
    }
}

impl Finding {
    fn failed(errors: &[&Diagnostic], marked: &Marked<'_>) -> Self {
        Self {
            class: Class::of(errors, marked),
            errors: errors.iter().map(|error| first_line(error)).collect(),
            ..Self::default()
        }
    }

    /// Returns what is assumed about a function until it has been checked alone.
    fn doubtful() -> Self {
        Self {
            class: Class::SomethingElse,
            ..Self::default()
        }
    }
}

/// Returns the functions to which errors belong, with these errors.
fn blame<'c>(checked: &'c Checked, marked: &Marked<'_>) -> BTreeMap<usize, Vec<&'c Diagnostic>> {
    let mut blamed: BTreeMap<usize, Vec<&Diagnostic>> = BTreeMap::new();
    for error in checked.errors() {
        for function in marked.owners(error) {
            blamed.entry(function).or_default().push(error);
        }
    }
    blamed
}

/// What tells a warning from others, in a text whose columns may have moved.
type Identity = (String, Option<(String, usize)>);

fn identity(warning: &Diagnostic) -> Identity {
    let span = warning.spans.iter().find(|span| span.is_primary);
    let place = span.map(|span| (span.file_name.clone(), span.line_start));
    (warning.message.clone(), place)
}

/// Returns the first line that rustc prints, and the line of the file to which it points.
fn first_line(diagnostic: &Diagnostic) -> String {
    let rendered = diagnostic.rendered.as_deref().unwrap_or_default();
    let first = rendered.lines().next().unwrap_or(&diagnostic.message);
    match diagnostic.spans.iter().find(|span| span.is_primary) {
        Some(span) => format!("{first} ({}:{})", span.file_name, span.line_start),
        None => first.to_owned(),
    }
}
