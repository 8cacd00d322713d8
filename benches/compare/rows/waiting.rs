//! Items that wait, on more threads than there are cores.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use parallelize::parallel;

use super::{Row, Table};
use crate::Bench;
use crate::contenders::Contender;
use crate::lap::Pace;

pub(crate) const TABLE: Table = Table {
    name: "waiting",
    title: "Waiting: items that sleep for 3 ms, on 16 threads where the contender allows it",
    rows,
};

const THREADS: usize = 16;

const LEN: usize = 48;

/// A third of an item.
const THIRD: Duration = Duration::from_millis(1);

fn rows(bench: &mut Bench) {
    sleep_only(bench);
    sleep_with_lock(bench);
}

fn row(bench: &mut Bench, name: &str, run: impl Fn(Contender, Range<usize>) -> Vec<u64>) {
    let row = Row {
        threads: Some(THREADS),
        ..Row::new(name, LEN, Pace::Steady)
    };
    bench.row(&row, |child| {
        child.measure(|| 0..LEN, |items| run(child.contender, items));
    });
}

fn sleep_only(bench: &mut Bench) {
    #[parallel]
    fn wait(item: usize) -> u64 {
        thread::sleep(3 * THIRD);
        item as u64
    }

    row(bench, "48 items that only sleep", |contender, items| {
        let ours = |items| wait_job(items).threads(THREADS).collect();
        contender.range(items, wait, ours)
    });
}

fn sleep_with_lock(bench: &mut Bench) {
    #[parallel]
    fn wait(item: usize, lock: &Mutex<()>) -> u64 {
        let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        thread::sleep(THIRD);
        drop(guard);
        thread::sleep(2 * THIRD);
        item as u64
    }

    let name = "48 items that hold a lock for a third of their sleep";
    let lock = Mutex::new(());
    row(bench, name, |contender, items| {
        let ours = |items| wait_job(items, &lock).threads(THREADS).collect();
        contender.range(items, |item| wait(item, &lock), ours)
    });
}
