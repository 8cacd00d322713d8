//! Processes that are killed from outside, at random moments.

use std::fs;
use std::process::{self, Command};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parallelize::{DeathCause, Outcome, parallel};

use crate::Named;

pub(crate) const TESTS: &[Named] = &[(
    "a_kill_loses_and_doubles_nothing",
    a_kill_loses_and_doubles_nothing,
)];

/// How many processes are killed in all.
const KILLS: usize = 200;

#[parallel(cluster)]
fn digest(text: String, salt: u64) -> (String, u64) {
    let digest = text
        .bytes()
        .fold(salt, |sum, byte| sum.rotate_left(5) ^ u64::from(byte));
    (text, digest)
}

/// Returns the processes that this one has started.
fn children() -> Vec<String> {
    let threads = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let children =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let children: String = children.collect();
    children.split_whitespace().map(str::to_owned).collect()
}

fn a_kill_loses_and_doubles_nothing() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let (is_over, kills) = (&AtomicBool::new(false), &AtomicUsize::new(0));
    let until_dropped = StoreOnDrop(is_over);
    thread::scope(|scope| {
        let until_dropped = until_dropped;
        scope.spawn(move || {
            let mut random = u64::from(process::id());
            while !is_over.load(Ordering::Relaxed) {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                thread::sleep(Duration::from_micros(random >> 52));
                let children = children();
                let index = usize::try_from(random >> 33).expect("an index");
                if let Some(victim) = children.get(index % children.len().max(1)) {
                    let killed = Command::new("kill").args(["-9", victim]).output();
                    kills.fetch_add(usize::from(killed.is_ok()), Ordering::Relaxed);
                }
            }
        });
        let mut salt = 0;
        while kills.load(Ordering::Relaxed) < KILLS {
            salt += 1;
            let len = [3, 40, 9_000][usize::try_from(salt).expect("a number") % 3];
            let texts = (0..200).map(|i| format!("{i} {}", "x".repeat(len)));
            let outcomes = digest_job(texts.clone(), salt).processes(2).outcomes();
            assert_eq!(outcomes.len(), 200);
            for (outcome, text) in outcomes.into_iter().zip(texts) {
                match outcome {
                    Outcome::Done(done) => assert_eq!(done, digest(text, salt)),
                    Outcome::Died(death) => assert_eq!(death.cause, DeathCause::Signal(9)),
                    other => panic!("{other:?}"),
                }
            }
        }
        drop(until_dropped);
    });
}

/// Ends the thread that kills, also by a panic.
struct StoreOnDrop<'f>(&'f AtomicBool);

impl Drop for StoreOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
