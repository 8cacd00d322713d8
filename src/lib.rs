//! Write `#[parallel]` above a slow function. It gets a companion that runs it on all cores and
//! keeps the order.
//!
//! ```
//! use parallelize::parallel;
//!
//! /// A population after some years, as a share of the most that it could be: the logistic map.
//! #[parallel]
//! fn population(growth: f64, start: f64, years: u32) -> f64 {
//!     (0..years).fold(start, |size, _| growth * size * (1.0 - size))
//! }
//!
//! fn main() {
//!     // The function itself is untouched.
//!     println!("{}", population(3.2, 0.5, 20_000));
//!
//!     // A Vec<f64>: a result for each rate, in the order of the rates, from all cores.
//!     let rates = (0..1000).map(|i| 2.0 + f64::from(i) / 500.0);
//!     let sizes = population_parallel(rates, 0.5, 20_000);
//!     println!("{} populations, one of them {}", sizes.len(), sizes[600]);
//! }
//! ```
//!
//! One argument varies, the first unless the [attribute](macro@parallel) says otherwise, and takes
//! any iterator. The others stay the same for all items. The result is that of the plain loop, bit
//! for bit, on any number of threads.
//!
//! # The job
//!
//! A second companion, `population_job`, takes the same arguments and returns a [`Job`]: the call
//! before it runs. Methods set how it runs, and the last one decides what it returns. For a
//! closure, there are [`map`] and [`job`]:
//!
//! ```
//! use parallelize::job;
//!
//! let lines = || (0..10_000).map(|i| i.to_string());
//!
//! // All values, or the first error with the number of its line.
//! let numbers = job(lines(), |line| line.parse::<f64>()).threads(4).try_collect()?;
//!
//! // The results in order, while they are computed. Only a part of them is in memory at a time.
//! let largest = job(lines(), |line| line.len()).stream(|lengths| lengths.max());
//! assert_eq!((numbers.len(), largest), (10_000, Some(4)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The guide
//!
//! - [First steps](guide), [items and references](guide::items),
//!   [failures](guide::failures), [progress](guide::progress)
//! - [Random numbers](guide::random_numbers), [sums and histograms](guide::reductions),
//!   [files and lines](guide::files), [networks](guide::networks)
//! - [Crashes and timeouts](guide::processes), [restarts](guide::restarts),
//!   [clusters and job arrays](guide::clusters)
//! - [What a report says](guide::reports), [allocators and contention](guide::contention),
//!   [tests and debugging](guide::debugging)
//! - [From Python](guide::python), [how it works inside](guide::internals)
//!
//! # When it does not pay
//!
//! [A report](guide::reports) says what a call gained, and what to do where it gained little:
//!
//! - The call is short. Waking a thread takes tens of microseconds, so it runs as the plain loop.
//! - The items [wait for each other](guide::contention): for a lock, the memory or the allocator.
//! - The items take some nanoseconds, and their iterator is not a range, a slice or a `Vec`. Let an
//!   item be [a group of them](guide::items).
//! - The iterator does the slow work, on one thread at a time. Put it into the function.
//! - The function already uses all cores.
//! - There is no `--release`.
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `progress` | [`Job::progress`](struct.Job.html#method.progress): [a bar on the terminal](guide::progress) |
//! | `journal` | [`Job::journal`](struct.Job.html#method.journal): [results that outlive the program](guide::restarts) |
//! | `processes` | [`Job::processes`](struct.Job.html#method.processes): [items that may crash or hang](guide::processes), on Unix |
//! | `cluster` | `#[parallel(cluster)]`: [more than one machine](guide::clusters) |
//!
//! # Environment
//!
//! | variable | what it does |
//! |---|---|
//! | `PARALLELIZE_NUM_THREADS` | sets the number of threads; 1 is [the plain loop](guide::debugging) |
//! | `PARALLELIZE_REPORT=1` | prints [a report](guide::reports) of every call to stderr |
//! | `RAYON_NUM_THREADS` | sets the number of threads of rayon's pool, which calls use |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod guide;

pub use parallelize_macros::parallel;
pub use parallelize_runtime::{
    Chunk, DeathCause, Host, ItemDeath, ItemError, ItemPanic, Items, Job, JobHandle, Outcome,
    PanicPayload, Progress, Report, Serial, Stop, Stream, StreamUnordered, Work, job, map, seed,
};

#[cfg(feature = "cluster")]
pub use parallelize_runtime::Isolatable;

#[cfg(feature = "journal")]
pub use parallelize_runtime::{JournalError, JournalErrorKind, JournalItem};

#[cfg(feature = "processes")]
pub use parallelize_runtime::processes;

#[cfg(feature = "progress")]
pub use indicatif;

#[doc(hidden)]
pub use parallelize_runtime::__private;

// Its snippets are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
