//! Token and line statistics of Rust sources: many files, most of them small.

use std::fmt;
use std::fs;
use std::iter::Sum;
use std::path::{Path, PathBuf};

use parallelize::parallel;
use proc_macro2::{TokenStream, TokenTree};
use walkdir::WalkDir;

/// Limits the sources to about half a second of work: a cargo home can hold gigabytes.
const MOST_MEGABYTES: u64 = 16;

/// The `.rs` files under a folder.
pub(crate) struct Sources {
    folder: PathBuf,
    files: Vec<PathBuf>,
    /// Why some folders could not be read.
    unreadable: Vec<String>,
    /// Whether files beyond [`MOST_MEGABYTES`] were left out.
    cut: bool,
}

impl Sources {
    /// Finds the sources in the order of their names, so that two runs find the same files.
    pub(crate) fn find(folder: PathBuf) -> Result<Self, String> {
        // The walk below would also accept a single file, and would find nothing in a missing
        // folder.
        fs::read_dir(&folder)
            .map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
        let walk = WalkDir::new(&folder).sort_by_file_name();
        let mut sources = Self {
            folder,
            files: Vec::new(),
            unreadable: Vec::new(),
            cut: false,
        };
        let mut bytes = 0;
        for entry in walk {
            let path = match entry {
                Ok(entry) => entry.into_path(),
                Err(error) => {
                    sources.unreadable.push(error.to_string());
                    continue;
                }
            };
            let Some(size) = source_size(&path) else {
                continue;
            };
            if bytes > MOST_MEGABYTES << 20 {
                sources.cut = true;
                break;
            }
            bytes += size;
            sources.files.push(path);
        }
        if sources.files.is_empty() {
            return Err(format!("no .rs file under {}", sources.folder.display()));
        }
        Ok(sources)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Prints the statistics, and on stderr the files that could not be read.
    pub(crate) fn report(&self, statistics: &[Result<Statistics, String>]) -> Result<(), String> {
        let failed = statistics.iter().filter_map(|file| file.as_ref().err());
        name_unread(self.unreadable.iter().chain(failed.clone()));

        let (folder, files, failed) = (self.folder.display(), self.files.len(), failed.count());
        if failed == files {
            return Err(format!("no .rs file under {folder} can be read"));
        }
        print!("{folder}: {files} files, {failed} of them could not be read");
        if self.cut {
            print!("; files after the first {MOST_MEGABYTES} MB were left out");
        }
        println!("\n{}", statistics.iter().flatten().sum::<Statistics>());
        Ok(())
    }
}

/// Prints up to ten of `errors` and the number of the others.
fn name_unread<'a>(mut errors: impl Iterator<Item = &'a String>) {
    for error in errors.by_ref().take(10) {
        eprintln!("not read: {error}");
    }
    match errors.count() {
        0 => {}
        more => eprintln!("not read: {more} more"),
    }
}

/// Returns the length of a file whose name ends in `.rs`, or `None` for anything else.
fn source_size(path: &Path) -> Option<u64> {
    if path.extension()? != "rs" {
        return None;
    }
    match fs::metadata(path) {
        Ok(file) => file.is_file().then_some(file.len()),
        // For instance a broken link. It is kept, so that reading it fails and it is listed.
        Err(_) => Some(0),
    }
}

/// Counts for one file, or for several files together.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Statistics {
    lines: usize,
    blank_lines: usize,
    identifiers: usize,
    literals: usize,
    punctuation: usize,
    groups: usize,
    /// Files that the lexer does not accept as Rust, such as templates. Only their lines count.
    not_rust: usize,
}

/// Reads a file and counts its lines and tokens.
#[parallel]
pub(crate) fn source_statistics(path: &Path) -> Result<Statistics, String> {
    let source =
        fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut statistics = Statistics {
        lines: source.lines().count(),
        blank_lines: source.lines().filter(|line| line.trim().is_empty()).count(),
        ..Statistics::default()
    };
    match source.parse() {
        Ok(tokens) => statistics.count(tokens),
        Err(_) => statistics.not_rust = 1,
    }
    Ok(statistics)
}

impl Statistics {
    fn count(&mut self, tokens: TokenStream) {
        let mut streams = vec![tokens];
        while let Some(stream) = streams.pop() {
            for token in stream {
                match token {
                    TokenTree::Ident(_) => self.identifiers += 1,
                    TokenTree::Literal(_) => self.literals += 1,
                    TokenTree::Punct(_) => self.punctuation += 1,
                    TokenTree::Group(group) => {
                        self.groups += 1;
                        streams.push(group.stream());
                    }
                }
            }
        }
    }
}

impl<'a> Sum<&'a Self> for Statistics {
    fn sum<I: Iterator<Item = &'a Self>>(files: I) -> Self {
        files.fold(Self::default(), |sum, file| Self {
            lines: sum.lines + file.lines,
            blank_lines: sum.blank_lines + file.blank_lines,
            identifiers: sum.identifiers + file.identifiers,
            literals: sum.literals + file.literals,
            punctuation: sum.punctuation + file.punctuation,
            groups: sum.groups + file.groups,
            not_rust: sum.not_rust + file.not_rust,
        })
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lines ({} blank), {} identifiers, {} literals, {} punctuation marks, {} groups",
            self.lines,
            self.blank_lines,
            self.identifiers,
            self.literals,
            self.punctuation,
            self.groups,
        )?;
        match self.not_rust {
            0 => Ok(()),
            files => write!(
                f,
                "; {files} not Rust to the lexer, only their lines are counted"
            ),
        }
    }
}
