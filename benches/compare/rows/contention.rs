//! Items that get in each other's way: more threads do not always help.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use parallelize::parallel;

use super::{Row, Table, grouped};
use crate::Bench;
use crate::allocator::Allocator;
use crate::child::Child;
use crate::lap::Pace;
use crate::work::{Item, chain};

pub(crate) const TABLE: Table = Table {
    name: "contention",
    title: "Contention: items that share something",
    rows,
};

fn rows(bench: &mut Bench) {
    read_lock(bench);
    clone_arc(bench);
    lock_throughout(bench);
    shared_counter(bench);
    shared_line(bench);
    small_vecs(bench);
    formatted(bench);
}

/// Makes two rows, each as its number of items and a new companion of the function, so that each
/// row learns the cost of its own items.
macro_rules! in_two_sizes {
    ($function:ident, $shared:ty) => {
        [
            (2_000, in_two_sizes!(companion $function, $shared)),
            (20_000, in_two_sizes!(companion $function, $shared)),
        ]
    };
    (companion $function:ident, $shared:ty) => {{
        #[parallel]
        fn work(item: &Item, shared: $shared) -> u64 {
            $function(*item, shared)
        }
        let companion: fn(&[Item], $shared) -> Vec<u64> = |items, shared| work_parallel(items, shared);
        companion
    }};
}

/// Makes two rows, each as its allocator and a new companion of the function.
macro_rules! with_both_allocators {
    ($function:ident, $item:ty, $result:ty) => {
        [
            (Allocator::System, with_both_allocators!(companion $function, $item, $result)),
            (Allocator::MiMalloc, with_both_allocators!(companion $function, $item, $result)),
        ]
    };
    (companion $function:ident, $item:ty, $result:ty) => {{
        #[parallel]
        fn work(item: &$item) -> $result {
            $function(item)
        }
        let companion: fn(&[$item]) -> Vec<$result> = |items| work_parallel(items);
        companion
    }};
}

/// Declares a row.
fn row<T: Sync, R: Clone + Default + Hash + Send>(
    bench: &mut Bench,
    row: &Row,
    items: impl Fn(&Child) -> Vec<T>,
    work: impl Fn(&T) -> R + Copy + Send + Sync,
    ours: impl Fn(&[T]) -> Vec<R>,
) {
    bench.row(row, |child| {
        let items = items(child);
        let run = |items: &[T]| child.contender.slice(items, work, &ours);
        child.measure(|| &*items, run);
    });
}

/// Declares a row of `len` items that take `nanos` nanoseconds beside what they share.
fn sharing_row(
    bench: &mut Bench,
    name: &str,
    (len, nanos): (u32, f64),
    work: impl Fn(&Item) -> u64 + Copy + Send + Sync,
    ours: impl Fn(&[Item]) -> Vec<u64>,
) {
    let name = format!("{name}, {} items", grouped(len));
    let declared = Row::new(name, len as usize, Pace::Steady);
    row(
        bench,
        &declared,
        |child| child.items(len, |_| nanos),
        work,
        ours,
    );
}

fn read_lock(bench: &mut Bench) {
    fn read(item: Item, table: &RwLock<u64>) -> u64 {
        let entry = *table.read().unwrap_or_else(PoisonError::into_inner);
        item.work() ^ entry
    }

    let table = RwLock::new(7);
    for (len, ours) in in_two_sizes!(read, &RwLock<u64>) {
        let name = "`RwLock` read and 10 ns of work";
        let work = |item: &Item| read(*item, &table);
        sharing_row(bench, name, (len, 10.0), work, |items| ours(items, &table));
    }
}

fn clone_arc(bench: &mut Bench) {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the row measures clones of constants"
    )]
    fn look_up(item: Item, table: Arc<[u64; 64]>) -> u64 {
        item.work() ^ table[item.seed as usize % table.len()]
    }

    let table = Arc::new([7; 64]);
    for (len, ours) in in_two_sizes!(look_up, Arc<[u64; 64]>) {
        let name = "`Arc` cloned for each item and 10 ns of work";
        let work = |item: &Item| look_up(*item, Arc::clone(&table));
        let ours = |items: &[Item]| ours(items, Arc::clone(&table));
        sharing_row(bench, name, (len, 10.0), work, ours);
    }
}

fn lock_throughout(bench: &mut Bench) {
    fn locked(item: Item, lock: &Mutex<u64>) -> u64 {
        let mut sum = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let result = item.work();
        *sum = sum.wrapping_add(result);
        result
    }

    let lock = Mutex::new(0);
    for (len, ours) in in_two_sizes!(locked, &Mutex<u64>) {
        let name = "a lock held throughout 200 ns";
        let work = |item: &Item| locked(*item, &lock);
        sharing_row(bench, name, (len, 200.0), work, |items| ours(items, &lock));
    }
}

fn shared_counter(bench: &mut Bench) {
    fn count(item: Item, counter: &AtomicU64) -> u64 {
        for _ in 0..20 {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        item.work()
    }

    let counter = AtomicU64::new(0);
    for (len, ours) in in_two_sizes!(count, &AtomicU64) {
        let name = "20 adds to one counter";
        let work = |item: &Item| count(*item, &counter);
        sharing_row(bench, name, (len, 1.0), work, |items| ours(items, &counter));
    }
}

/// Counters that share a cache line.
#[repr(align(64))]
#[derive(Default)]
struct Counters([AtomicU64; 8]);

fn shared_line(bench: &mut Bench) {
    fn count(item: Item, counters: &Counters) -> u64 {
        let Counters(counters) = counters;
        // Consecutive items share a counter, as if each thread had one.
        let counter = &counters[item.seed as usize / 32 % counters.len()];
        for _ in 0..20 {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        item.work()
    }

    let counters = Counters::default();
    for (len, ours) in in_two_sizes!(count, &Counters) {
        let name = "20 adds to counters in one cache line";
        let work = |item: &Item| count(*item, &counters);
        sharing_row(bench, name, (len, 1.0), work, |items| {
            ours(items, &counters)
        });
    }
}

/// Declares a row of 2,000 items whose work allocates.
fn allocating_row<T: Sync, R: Clone + Default + Hash + Send>(
    bench: &mut Bench,
    name: &str,
    allocator: Allocator,
    items: impl Fn(&Child) -> Vec<T>,
    work: impl Fn(&T) -> R + Copy + Send + Sync,
    ours: impl Fn(&[T]) -> Vec<R>,
) {
    let name = format!("{name}, {}", allocator.name());
    let declared = Row {
        allocator,
        ..Row::new(name, 2_000, Pace::Steady)
    };
    row(bench, &declared, items, work, ours);
}

/// Two words to compare.
type Words = [Vec<u8>; 2];

/// Returns the edit distance of two words. The rows of its matrix grow by `realloc`.
fn edit_distance([from, to]: &Words) -> u64 {
    let mut above: Vec<u64> = Vec::new();
    for distance in (0..).take(to.len() + 1) {
        above.push(distance);
    }
    for a in from {
        let mut row = vec![above[0] + 1];
        for (column, b) in to.iter().enumerate() {
            let replaced = above[column] + u64::from(a != b);
            row.push(replaced.min(above[column + 1] + 1).min(row[column] + 1));
        }
        above = row;
    }
    above[to.len()]
}

fn small_vecs(bench: &mut Bench) {
    let word = |seed: u64| (0..12).map(move |letter| chain(seed, 8).to_be_bytes()[letter % 8] % 4);
    let words = |_: &Child| -> Vec<Words> {
        let pair = |seed| [word(seed).collect(), word(seed + 1).collect()];
        (0..2_000).map(pair).collect()
    };
    for (allocator, ours) in with_both_allocators!(edit_distance, Words, u64) {
        let name = "edit distance with rows that grow";
        allocating_row(bench, name, allocator, words, edit_distance, ours);
    }
}

fn formatted(bench: &mut Bench) {
    fn format([number, hash]: &[u64; 2]) -> String {
        format!("{number}: {hash:016x}")
    }

    let items = |_: &Child| (0..2_000).map(|seed| [seed, chain(seed, 8)]).collect();
    for (allocator, ours) in with_both_allocators!(format, [u64; 2], String) {
        allocating_row(bench, "`format!`", allocator, items, format, ours);
    }
}
