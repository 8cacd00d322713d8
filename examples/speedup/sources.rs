//! Token and line statistics of Rust sources: many files, few of them large, read and lexed.

use std::fmt;
use std::fs;
use std::iter::Sum;
use std::path::{Path, PathBuf};

use parallelize::parallel;
use proc_macro2::{TokenStream, TokenTree};
use walkdir::WalkDir;

/// Half a second of work; a cargo home can hold gigabytes.
const MOST_MEGABYTES: u64 = 16;

/// The `.rs` files under a folder.
pub(crate) struct Sources {
    folder: PathBuf,
    files: Vec<PathBuf>,
    /// Folders that could not be looked into, and why.
    unreadable: Vec<String>,
    /// Whether there were more than `MOST_MEGABYTES`, and the rest was left out.
    cut: bool,
}

impl Sources {
    /// Looks through the folder in the order of names, so that two runs see the same.
    pub(crate) fn find(folder: PathBuf) -> Result<Self, String> {
        // The walk below would take a single file as well, and a missing folder for an empty one.
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

    /// Says what was found, and on stderr what could not be read.
    pub(crate) fn report(&self, statistics: &[Result<Statistics, String>]) -> Result<(), String> {
        let failed = statistics.iter().filter_map(|file| file.as_ref().err());
        name_unread(self.unreadable.iter().chain(failed.clone()));

        let (folder, files, failed) = (self.folder.display(), self.files.len(), failed.count());
        if failed == files {
            return Err(format!("no .rs file under {folder} can be read"));
        }
        print!("{folder}: {files} files, {failed} of them could not be read");
        if self.cut {
            print!("; those after the first {MOST_MEGABYTES} MB were left out");
        }
        println!("\n{}", statistics.iter().flatten().sum::<Statistics>());
        Ok(())
    }
}

fn name_unread<'a>(mut errors: impl Iterator<Item = &'a String>) {
    for error in errors.by_ref().take(10) {
        eprintln!("not read: {error}");
    }
    match errors.count() {
        0 => {}
        more => eprintln!("not read: {more} more"),
    }
}

/// The length of a file whose name ends in `.rs`; nothing for folders, pipes and other names.
fn source_size(path: &Path) -> Option<u64> {
    if path.extension()? != "rs" {
        return None;
    }
    match fs::metadata(path) {
        Ok(file) => file.is_file().then_some(file.len()),
        // For instance a link to nowhere. Kept, so that reading it fails and it is named.
        Err(_) => Some(0),
    }
}

/// What a file holds, or many together.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Statistics {
    lines: usize,
    blank_lines: usize,
    identifiers: usize,
    literals: usize,
    punctuation: usize,
    groups: usize,
    /// Files that are no Rust to the lexer, as templates and tests of parsers are. Only their lines count.
    not_rust: usize,
}

/// Reads a file and counts what is in it.
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
            files => write!(f, "; {files} not Rust to the lexer, only their lines count"),
        }
    }
}
