//! The processes of a thread that takes part in a call, one after the other.

use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::child::WorkerProcess;
use super::idle;
use super::isolated::{Isolated, Output};
use crate::encoding::ErrorText;
use crate::outcome::DeathCause;

/// Bounds the processes that end one after the other without having begun an item: three, or more
/// if something kills them, which need not be a fault of theirs.
const MAX_FRUITLESS: u32 = 30;
const FRUITLESS: u32 = 10;
const FRUITLESS_IF_KILLED: u32 = 1;

/// Bounds the pause before a process is started after one that ended without having begun an item.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Bounds the pause before a process is started after one that died at an item. That item has its
/// result, and parameters with which a solver crashes often follow one another.
const LONGEST_PAUSE_AFTER_ITEM: Duration = Duration::from_millis(16);

/// The time after which a thread that cannot start a process looks for one that another thread no
/// longer needs.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// Where a thread gets a process from, and the next one when that is lost.
pub(super) struct Supply<'i, 'w, X, T, B> {
    isolated: &'i Isolated<'w, X, T, B>,
    process: Option<WorkerProcess>,
    /// Counts the process, if there is one.
    busy: Option<Busy<'i>>,
    /// Weighs the processes in a row that ended without having begun an item.
    fruitless: u32,
    /// The number of deaths in a row, without a result between them.
    deaths: u32,
}

impl<'i, 'w, X, T, B> Supply<'i, 'w, X, T, B> {
    pub(super) fn new(isolated: &'i Isolated<'w, X, T, B>) -> Self {
        Self {
            isolated,
            process: None,
            busy: None,
            fruitless: 0,
            deaths: 0,
        }
    }

    /// Returns a process that has the constants of the call and may begin an item, unless the call
    /// is over before there is one.
    pub(super) fn process(
        &mut self,
        output: &Output<'_, T, B>,
    ) -> Result<Option<WorkerProcess>, ErrorText> {
        let isolated = self.isolated;
        let (call, header) = (isolated.call, isolated.header()?);
        let is_over = || isolated.is_over(output);
        let mut process = self.process.take();
        self.busy = None;
        while !is_over() {
            let mut next = match process.take().or_else(|| idle::take(call)) {
                Some(process) => process,
                None => match self.start()? {
                    Some(process) => process,
                    None => continue,
                },
            };
            if isolated.room(next.items) == 0 {
                continue;
            }
            let mut prepare = || {
                next.wait_until_ready(&is_over)?;
                if next.call != call {
                    next.send(header)?;
                    next.call = call;
                }
                Ok::<_, io::Error>(())
            };
            match prepare() {
                Ok(()) => {
                    self.busy = Some(Busy::new(&isolated.busy));
                    return Ok(Some(next));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => idle::keep(next),
                Err(_) => self.note_fruitless(next),
            }
            if self.fruitless >= MAX_FRUITLESS {
                return Err(
                    "several processes ended, one after the other, before they had begun \
                            an item; what they printed stands above"
                        .to_owned(),
                );
            }
        }
        Ok(None)
    }

    /// Takes back a process that may begin further items.
    pub(super) fn put_back(&mut self, process: WorkerProcess) {
        self.process = Some(process);
    }

    /// Notes that a process has begun an item.
    pub(super) fn note_begun(&mut self) {
        self.fruitless = 0;
    }

    /// Notes that a process has sent a result.
    pub(super) fn note_result(&mut self) {
        self.deaths = 0;
    }

    /// Notes that a process has died at an item.
    pub(super) fn note_death(&mut self) {
        self.deaths = self.deaths.saturating_add(1);
    }

    /// Notes that a `process` has ended outside of any item. One that has evaluated items may have
    /// been idle, and have died long ago.
    pub(super) fn note_fruitless(&mut self, process: WorkerProcess) {
        if process.items > 0 {
            return;
        }
        self.fruitless += match process.cause() {
            DeathCause::Signal(9) => FRUITLESS_IF_KILLED,
            _ => FRUITLESS,
        };
    }

    /// Starts a process, after a pause if several have ended one after the other. Returns none if
    /// that cannot be done now.
    fn start(&mut self) -> Result<Option<WorkerProcess>, ErrorText> {
        let after_item = pause(self.deaths, LONGEST_PAUSE_AFTER_ITEM);
        thread::sleep(pause(self.fruitless, LONGEST_PAUSE).max(after_item));
        let error = match WorkerProcess::start() {
            Ok(process) => return Ok(Some(process)),
            Err(error) => error,
        };
        if self.isolated.busy.load(Ordering::Relaxed) > 0 {
            // The other processes of the call go on, and one of them may get free.
            thread::sleep(BUSY_PAUSE);
            return Ok(None);
        }
        self.fruitless += FRUITLESS_IF_KILLED;
        if self.fruitless < MAX_FRUITLESS {
            return Ok(None);
        }
        Err(format!("no process can be started: {error}"))
    }
}

impl<X, T, B> Drop for Supply<'_, '_, X, T, B> {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            idle::keep(process);
        }
    }
}

/// Returns how long to wait after `ends` processes have ended, one after the other: no time after
/// the first, and then twice as long each time, up to the `longest`.
fn pause(ends: u32, longest: Duration) -> Duration {
    let doublings = ends.checked_sub(2);
    doublings.map_or(Duration::ZERO, |doublings| {
        Duration::from_millis(1 << doublings.min(16)).min(longest)
    })
}

/// Counts a process that evaluates items, until this is dropped.
struct Busy<'b>(&'b AtomicUsize);

impl<'b> Busy<'b> {
    // Relaxed, here and elsewhere, as it orders nothing.
    fn new(busy: &'b AtomicUsize) -> Self {
        busy.fetch_add(1, Ordering::Relaxed);
        Self(busy)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
