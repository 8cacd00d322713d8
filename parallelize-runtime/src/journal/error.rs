//! Why a job cannot have its journal.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a job cannot have the journal at a path.
///
/// ```
/// use parallelize::{JournalErrorKind, job};
///
/// let path = std::env::temp_dir().join(format!("squares of {}", std::process::id()));
/// job(0..10, |i: u32| i * i).journal(&path)?.collect();
///
/// let error = job(5..15, |i: u32| i * i).journal(&path).unwrap_err();
/// assert!(matches!(error.kind, JournalErrorKind::Item { index: 0 }));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct JournalError {
    /// Where the journal is, or was to be.
    pub path: PathBuf,
    /// What is wrong.
    pub kind: JournalErrorKind,
}

/// What is wrong with a journal, or with the job that it is for.
#[derive(Debug)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// It cannot be opened, read or written.
    Io(io::Error),
    /// Another job has it, of this process or of another one.
    InUse,
    /// The file is no journal, or it is one whose beginning is damaged.
    NoJournal,
    /// It is written in another way than by this version of the crate.
    Version {
        /// The way it is written.
        found: u32,
        /// The way this version writes.
        expected: u32,
    },
    /// It is of another function.
    Function {
        /// The function it is of.
        found: String,
        /// The function of the job.
        expected: String,
    },
    /// Its results are of another type.
    Results {
        /// The type that it says.
        found: String,
        /// The type of the job's results.
        expected: String,
    },
    /// It is of other constants.
    Constant {
        /// The argument that has, or had, another value.
        name: String,
    },
    /// It is of other items.
    Item {
        /// The position of the first item that is not what it was.
        index: usize,
    },
    /// It has results of more items than there are.
    Items {
        /// How many there are.
        found: usize,
    },
    /// A constant, an item or a recorded result cannot be encoded or decoded.
    Unfit {
        /// Which it is.
        what: String,
        /// Why.
        reason: String,
    },
}

impl JournalErrorKind {
    /// Whether it is the journal of some other work.
    fn is_of_other_work(&self) -> bool {
        match self {
            Self::Io(_) | Self::InUse | Self::Unfit { .. } => false,
            Self::NoJournal
            | Self::Version { .. }
            | Self::Function { .. }
            | Self::Results { .. }
            | Self::Constant { .. }
            | Self::Item { .. }
            | Self::Items { .. } => true,
        }
    }
}

impl From<io::Error> for JournalErrorKind {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for JournalErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::InUse => write!(f, "another job has it now"),
            Self::NoJournal => write!(f, "it is no journal, or its beginning is damaged"),
            Self::Version { found, expected } => {
                write!(
                    f,
                    "it is of version {found}, and this is version {expected}"
                )
            }
            Self::Function { found, expected } => {
                write!(
                    f,
                    "it is of the function `{found}`, and this is `{expected}`"
                )
            }
            Self::Results { found, expected } => {
                write!(
                    f,
                    "its results are of type `{found}`, and these are `{expected}`"
                )
            }
            Self::Constant { name } => write!(f, "the constant `{name}` was another one"),
            Self::Item { index } => write!(f, "item {index} was another one"),
            Self::Items { found } => {
                write!(f, "it is of more items than the {found} that there are")
            }
            Self::Unfit { what, reason } => write!(f, "{what} does not fit into it: {reason}"),
        }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, kind } = self;
        write!(f, "journal `{}`: {kind}", path.display())?;
        if kind.is_of_other_work() {
            write!(
                f,
                "; it is left as it is, so remove it or choose another path"
            )?;
        }
        Ok(())
    }
}

impl Error for JournalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            JournalErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}
