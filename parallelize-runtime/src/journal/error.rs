//! Why a job cannot use its journal.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// The error of a job that cannot use its journal, from [`Job::journal`](crate::Job::journal).
///
/// It is displayed with the path, the reason and, if there is one, the remedy.
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
    /// The path of the journal.
    pub path: PathBuf,
    /// The reason.
    pub kind: JournalErrorKind,
}

/// The reason why a job cannot use its journal, in a [`JournalError`].
///
/// ```
/// use parallelize::{JournalError, JournalErrorKind, job};
/// use std::fs;
///
/// /// Returns the lengths of the words. The journal of other words makes room for a new one.
/// fn lengths(words: &[&str], path: &str) -> Result<Vec<usize>, JournalError> {
///     let job = || job(words, |word| word.len());
///     match job().journal(path) {
///         Err(JournalError { path, kind: JournalErrorKind::Item { .. }, .. }) => {
///             _ = fs::remove_file(&path);
///             Ok(job().journal(path)?.collect())
///         }
///         opened => Ok(opened?.collect()),
///     }
/// }
/// # let path = std::env::temp_dir().join(format!("lengths of {}", std::process::id()));
/// # let path = path.to_str().unwrap();
/// # assert_eq!(lengths(&["to", "be"], path)?, [2, 2]);
/// # assert_eq!(lengths(&["not"], path)?, [3]);
/// # fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// The file cannot be opened, read or written, or is not a regular file.
    Io(io::Error),
    /// Another job, of this process or of another one, is using the file.
    InUse,
    /// The file is not a journal, or its header is damaged.
    NoJournal,
    /// The file has another version of the format than this version of the crate.
    Version {
        /// The version of the file.
        found: u32,
        /// The version that this crate reads and writes.
        expected: u32,
    },
    /// The file has the results of another function.
    Function {
        /// The function whose results are in the file.
        found: String,
        /// The function of the job.
        expected: String,
    },
    /// The results in the file have another type.
    Results {
        /// The type of the results in the file.
        found: String,
        /// The type of the job's results.
        expected: String,
    },
    /// A constant had another value.
    Constant {
        /// The name of the argument.
        name: String,
    },
    /// An item had another value.
    Item {
        /// The position of the first such item, from 0.
        index: usize,
    },
    /// The file has results of items that the job does not have.
    Items {
        /// The number of items of the job.
        found: usize,
    },
    /// A constant, an item or a stored result cannot be encoded or decoded.
    Unfit {
        /// The constant, item or result, in words.
        what: String,
        /// The reason.
        reason: String,
    },
}

impl JournalErrorKind {
    /// Returns whether the file has other content than the journal of this job.
    fn is_other_content(&self) -> bool {
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
            Self::InUse => write!(f, "another job is using it; try again when that has ended"),
            Self::NoJournal => write!(f, "the file is not a journal, or its header is damaged"),
            Self::Version { found, expected } => {
                let which = if found < expected { "earlier" } else { "later" };
                write!(
                    f,
                    "its format has version {found}, which only {which} versions of the crate \
                     read, and this one needs version {expected}"
                )
            }
            Self::Function { found, expected } => {
                write!(
                    f,
                    "the results are of the function `{found}`, and not of `{expected}`"
                )
            }
            Self::Results { found, expected } => {
                write!(
                    f,
                    "the results have the type `{found}`, and not `{expected}`"
                )
            }
            Self::Constant { name } => write!(f, "the constant `{name}` had another value"),
            Self::Item { index } => write!(f, "item {index} had another value"),
            Self::Items { found } => {
                write!(
                    f,
                    "the file has results of more items than the {found} of the job"
                )
            }
            Self::Unfit { what, reason } => {
                write!(f, "{what} does not fit into the journal: {reason}")
            }
        }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, kind } = self;
        write!(f, "journal `{}`: {kind}", path.display())?;
        if kind.is_other_content() {
            write!(
                f,
                "; the file is left untouched: remove it or choose another path"
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
