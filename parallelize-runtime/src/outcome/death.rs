//! The end of a process that evaluated an item.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// The death of the process that evaluated an item, and which item it was.
///
/// It is the [`Outcome`](crate::Outcome) of an item in a job with
/// [`processes`](crate::Job::processes), and of no other item. It is displayed as
/// `item 17: killed by signal 11 (SIGSEGV)`, and is an [`Error`].
///
/// ```
/// use parallelize::{DeathCause, ItemDeath};
///
/// let death = ItemDeath { index: 17, cause: DeathCause::Signal(11) };
/// assert_eq!(death.to_string(), "item 17: killed by signal 11 (SIGSEGV)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ItemDeath {
    /// The position of the item among all items, from 0.
    pub index: usize,
    /// The reason why the process ended.
    pub cause: DeathCause,
}

impl fmt::Display for ItemDeath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "item {}: {}", self.index, self.cause)
    }
}

impl Error for ItemDeath {}

/// The reason why a process ended.
///
/// ```
/// use parallelize::DeathCause;
/// use std::time::Duration;
///
/// assert_eq!(DeathCause::Exit(9).to_string(), "exited with code 9");
/// let time = Duration::from_secs(60);
/// assert_eq!(DeathCause::TimedOut(time).to_string(), "took longer than 60 s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeathCause {
    /// A signal of the operating system killed it: 11 for an access to memory that is not its own,
    /// 6 for an abort, 9 if it was killed from outside, as by a system that runs out of memory.
    Signal(i32),
    /// It exited, with this code.
    Exit(i32),
    /// It took longer than the [`timeout`](crate::Job::timeout) of the job, which was this.
    TimedOut(Duration),
    /// It died, and the operating system does not say why: this program ignores SIGCHLD, or waits
    /// for all processes that it has started.
    Unknown,
}

impl fmt::Display for DeathCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match *self {
            Self::Signal(number) => match name(number) {
                Some(name) => format!("killed by signal {number} ({name})"),
                None => format!("killed by signal {number}"),
            },
            Self::Exit(code) => format!("exited with code {code}"),
            Self::TimedOut(time) if time.as_secs() > 0 => {
                format!("took longer than {} s", time.as_secs_f64())
            }
            Self::TimedOut(time) => {
                format!("took longer than {} ms", time.as_secs_f64() * 1e3)
            }
            Self::Unknown => "its process died".to_owned(),
        };
        // A table may ask for a width.
        f.pad(&text)
    }
}

/// Returns the name of a signal that has the same number on all Unix systems, or on Linux and most
/// others.
fn name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 if cfg!(target_os = "linux") => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 if cfg!(not(target_os = "linux")) => "SIGBUS",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        _ => return None,
    })
}
