//! The contenders. Each is used as its documentation says, in one line where possible.
//!
//! A new contender needs a variant, a column, a place in [`Contender::ALL`] and an arm in each
//! `match`.

use std::env;
use std::iter;
use std::num::NonZeroUsize;
use std::ops::{Add, Range};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use paralight::threads::ThreadPool;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Contender {
    /// The plain loop, with which the others are compared.
    Loop,
    Rayon,
    /// Rayon with `with_min_len`.
    RayonMin(usize),
    Orx,
    Paralight,
    /// As many equal parts as there are cores, each on a new thread.
    Chunks,
    Ours,
}

/// The columns of the table.
pub(crate) const COLUMNS: [&str; 7] = [
    "loop",
    "rayon",
    "rayon, best `with_min_len`",
    "orx-parallel",
    "paralight",
    "static chunks",
    "ours",
];

impl Contender {
    /// All contenders, in the order in which they take turns.
    pub(crate) const ALL: [Self; 10] = [
        Self::Loop,
        Self::Rayon,
        Self::RayonMin(8),
        Self::RayonMin(64),
        Self::RayonMin(1_000),
        Self::RayonMin(16_000),
        Self::Orx,
        Self::Paralight,
        Self::Chunks,
        Self::Ours,
    ];

    /// Returns whether this contender belongs to `column`. A column shows its best contender.
    pub(crate) fn is_in(self, column: &str) -> bool {
        let best = "rayon, best `with_min_len`";
        match self {
            Self::Loop => column == "loop",
            // The default `with_min_len` is 1.
            Self::Rayon => column == "rayon" || column == best,
            Self::RayonMin(_) => column == best,
            Self::Orx => column == "orx-parallel",
            Self::Paralight => column == "paralight",
            Self::Chunks => column == "static chunks",
            Self::Ours => column == "ours",
        }
    }

    /// Returns whether this contender can differ from those before it with this number of items.
    pub(crate) fn suits(self, items: usize) -> bool {
        match self {
            // A single contender that forbids any splitting is enough.
            Self::RayonMin(least) => least < 16 * items,
            _ => true,
        }
    }

    /// Returns the results for borrowed items.
    pub(crate) fn slice<T: Sync, R: Clone + Default + Send>(
        self,
        items: &[T],
        work: impl Fn(&T) -> R + Copy + Send + Sync,
        ours: impl Fn(&[T]) -> Vec<R>,
    ) -> Vec<R> {
        match self {
            Self::Loop => items.iter().map(work).collect(),
            Self::Rayon => {
                use rayon::prelude::*;
                items.par_iter().map(work).collect()
            }
            Self::RayonMin(least) => {
                use rayon::prelude::*;
                items.par_iter().with_min_len(least).map(work).collect()
            }
            Self::Orx => {
                use orx_parallel::{Par, Parallelizable};
                items.par().map(work).collect()
            }
            Self::Paralight => with_paralight(|pool| {
                use paralight::prelude::*;
                items.par_iter().map(work).with_thread_pool(pool).collect()
            }),
            Self::Chunks => {
                let parts = items.chunks(part(items.len()));
                in_chunks(items.len(), parts.map(<[T]>::iter), work)
            }
            Self::Ours => ours(items),
        }
    }

    /// Returns the results for owned items.
    pub(crate) fn vec<T: Send>(
        self,
        items: Vec<T>,
        work: impl Fn(T) -> u64 + Copy + Send + Sync,
        ours: impl Fn(Vec<T>) -> Vec<u64>,
    ) -> Vec<u64> {
        match self {
            Self::Loop => items.into_iter().map(work).collect(),
            Self::Rayon => {
                use rayon::prelude::*;
                items.into_par_iter().map(work).collect()
            }
            Self::RayonMin(least) => {
                use rayon::prelude::*;
                let items = items.into_par_iter().with_min_len(least);
                items.map(work).collect()
            }
            Self::Orx => {
                use orx_parallel::{IntoParIter, Par};
                items.into_par().map(work).collect()
            }
            Self::Paralight => with_paralight(|pool| {
                use paralight::prelude::*;
                let results = items.into_par_iter().map(work);
                results.with_thread_pool(pool).collect()
            }),
            Self::Chunks => {
                let (len, mut items) = (items.len(), items.into_iter());
                let part = part(len);
                let parts = iter::from_fn(|| Some(items.by_ref().take(part).collect::<Vec<_>>()));
                in_chunks(len, parts.map(Vec::into_iter), work)
            }
            Self::Ours => ours(items),
        }
    }

    /// Returns the results for the numbers of a range.
    pub(crate) fn range(
        self,
        items: Range<usize>,
        work: impl Fn(usize) -> u64 + Copy + Send + Sync,
        ours: impl Fn(Range<usize>) -> Vec<u64>,
    ) -> Vec<u64> {
        match self {
            Self::Loop => items.map(work).collect(),
            Self::Rayon => {
                use rayon::prelude::*;
                items.into_par_iter().map(work).collect()
            }
            Self::RayonMin(least) => {
                use rayon::prelude::*;
                let items = items.into_par_iter().with_min_len(least);
                items.map(work).collect()
            }
            Self::Orx => {
                use orx_parallel::{IntoParIter, Par};
                items.into_par().map(work).collect()
            }
            Self::Paralight => with_paralight(|pool| {
                use paralight::prelude::*;
                let results = items.into_par_iter().map(work);
                results.with_thread_pool(pool).collect()
            }),
            Self::Chunks => {
                let (len, part) = (items.len(), part(items.len()));
                let parts = items.clone().step_by(part);
                in_chunks(
                    len,
                    parts.map(|start| start..items.end.min(start + part)),
                    work,
                )
            }
            Self::Ours => ours(items),
        }
    }

    /// Returns the results for the items of an iterator. Contenders that cannot use an iterator get
    /// a vector of its items.
    pub(crate) fn iterator<I: Iterator<Item: Send + Sync> + Send>(
        self,
        items: I,
        work: impl Fn(I::Item) -> u64 + Copy + Send + Sync,
        ours: impl Fn(I) -> Vec<u64>,
    ) -> Vec<u64> {
        let no_vec = |_| unreachable!("ours uses the iterator");
        match self {
            Self::Loop => items.map(work).collect(),
            Self::Rayon => {
                use rayon::prelude::*;
                let numbered = items.enumerate().par_bridge();
                let results = numbered.map(|(index, item)| (index, work(item)));
                let mut results: Vec<_> = results.collect();
                results.sort_unstable();
                results.into_iter().map(|(_, result)| result).collect()
            }
            Self::Orx => {
                use orx_parallel::{IterIntoParIter, Par};
                items.iter_into_par().map(work).collect()
            }
            Self::RayonMin(_) | Self::Paralight | Self::Chunks => {
                self.vec(items.collect(), work, no_vec)
            }
            Self::Ours => ours(items),
        }
    }

    /// Returns the sum of the results for borrowed items.
    pub(crate) fn sum<T: Sync, R: Add<Output = R> + Default + Send + 'static>(
        self,
        items: &[T],
        work: impl Fn(&T) -> R + Copy + Send + Sync,
        ours: impl Fn(&[T]) -> R,
    ) -> R {
        match self {
            Self::Loop => items.iter().map(work).fold(R::default(), R::add),
            Self::Rayon => {
                use rayon::prelude::*;
                items.par_iter().map(work).reduce(R::default, R::add)
            }
            Self::RayonMin(least) => {
                use rayon::prelude::*;
                let items = items.par_iter().with_min_len(least);
                items.map(work).reduce(R::default, R::add)
            }
            Self::Orx => {
                use orx_parallel::{Par, Parallelizable};
                items.par().map(work).reduce(R::add).unwrap_or_default()
            }
            Self::Paralight => with_paralight(|pool| {
                use paralight::prelude::*;
                let results = items.par_iter().map(work);
                results.with_thread_pool(pool).reduce(R::default, R::add)
            }),
            Self::Chunks => thread::scope(|scope| {
                let sum = move |items: &[T]| items.iter().map(work).fold(R::default(), R::add);
                let mut parts = items.chunks(part(items.len()));
                let first = parts.next().unwrap_or_default();
                let others: Vec<_> = parts.map(|part| scope.spawn(move || sum(part))).collect();
                others.into_iter().fold(sum(first), |all, other| {
                    all + other.join().expect("an item does not panic")
                })
            }),
            Self::Ours => ours(items),
        }
    }

    /// Returns whether an item may call this contender again.
    pub(crate) fn nests(self) -> bool {
        // A thread of these pools that makes an inner call waits and does not work. Once all
        // threads of the pool wait, the program hangs.
        !matches!(self, Self::Orx | Self::Paralight)
    }
}

/// Makes a call with paralight's pool, which has to be created by hand and locked for each call.
fn with_paralight<R>(call: impl FnOnce(&mut ThreadPool) -> R) -> R {
    use paralight::prelude::*;
    static POOL: LazyLock<Mutex<ThreadPool>> = LazyLock::new(|| {
        let pool = ThreadPoolBuilder {
            num_threads: match requested_threads() {
                Some(threads) => ThreadCount::Count(threads),
                None => ThreadCount::AvailableParallelism,
            },
            range_strategy: RangeStrategy::WorkStealing,
            cpu_pinning: CpuPinningPolicy::No,
        };
        Mutex::new(pool.build())
    });
    call(&mut POOL.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The variable of the environment that sets the number of threads. Rayon reads it by itself.
pub(crate) const THREADS: &str = "RAYON_NUM_THREADS";

/// Returns the number of threads that the row sets, if it does.
fn requested_threads() -> Option<NonZeroUsize> {
    env::var(THREADS).ok()?.parse().ok()
}

/// Returns how many of `items` items each thread gets.
fn part(items: usize) -> usize {
    let threads = requested_threads().map_or_else(thread::available_parallelism, Ok);
    let threads = threads.map_or(1, usize::from);
    items.div_ceil(threads).max(1)
}

/// Returns the results of all parts of `len` items. This thread does the first part.
fn in_chunks<P, R>(
    len: usize,
    parts: impl Iterator<Item = P>,
    work: impl Fn(P::Item) -> R + Copy + Send + Sync,
) -> Vec<R>
where
    P: Iterator + Send,
    R: Clone + Default + Send,
{
    let work = &work;
    let mut results = vec![R::default(); len];
    let mut jobs = parts
        .zip(results.chunks_mut(part(len)))
        .map(|(items, slots)| {
            move || {
                for (slot, item) in slots.iter_mut().zip(items) {
                    *slot = work(item);
                }
            }
        });
    thread::scope(|scope| {
        let first = jobs.next();
        for job in jobs {
            scope.spawn(job);
        }
        if let Some(job) = first {
            job();
        }
    });
    results
}
