//! The progress of a job as a bar of the crate `indicatif`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fmt, io, mem};

use indicatif::{
    FormattedDuration, HumanFloatCount, ProgressBar, ProgressDrawTarget, ProgressFinish,
    ProgressState, ProgressStyle,
};

use crate::observe::Progress;

/// Moves a bar that the user has made.
pub(crate) struct GivenBar(pub(crate) ProgressBar);

impl Progress for GivenBar {
    fn began(&mut self, total: Option<usize>) -> bool {
        self.0.reset();
        if let Some(total) = total {
            self.0.set_length(total as u64);
        }
        true
    }

    fn advanced(&mut self, done: usize, _: Option<usize>) {
        self.0.set_position(done as u64);
    }

    fn ended(&mut self, is_complete: bool) {
        finish(&self.0, is_complete);
    }
}

/// Whether a [`StandardBar`] is on stderr. Two at a time would draw over each other.
static STDERR_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Makes a bar of its own, which is there while the job runs. There is none if the target is
/// hidden or another bar is on it.
pub(crate) struct StandardBar {
    /// Where to draw the bar. Hidden once the bar is there.
    target: ProgressDrawTarget,
    /// Whether a bar is on the target.
    is_taken: &'static AtomicBool,
    bar: Option<ProgressBar>,
    /// There is none if no thread could be started.
    ticker: Option<Ticker>,
}

impl StandardBar {
    /// The interval at which the bar is drawn, whether an item is done or not.
    pub(crate) const TICK: Duration = Duration::from_millis(100);

    pub(crate) fn on_stderr() -> Self {
        Self::on(ProgressDrawTarget::stderr(), &STDERR_IS_TAKEN)
    }

    pub(crate) fn on(target: ProgressDrawTarget, is_taken: &'static AtomicBool) -> Self {
        Self {
            target,
            is_taken,
            bar: None,
            ticker: None,
        }
    }
}

impl Progress for StandardBar {
    fn began(&mut self, total: Option<usize>) -> bool {
        if self.target.is_hidden() || self.is_taken.swap(true, Ordering::Relaxed) {
            return false;
        }
        let target = mem::replace(&mut self.target, ProgressDrawTarget::hidden());
        let total = total.map(|items| items as u64);
        let bar = ProgressBar::with_draw_target(total, target)
            .with_style(style(total.is_some()))
            .with_finish(ProgressFinish::AndLeave);
        self.ticker = Ticker::start(bar.clone()).ok();
        self.bar = Some(bar);
        true
    }

    fn advanced(&mut self, done: usize, _: Option<usize>) {
        match (&self.ticker, &self.bar) {
            (Some(ticker), _) => ticker.done.store(done as u64, Ordering::Relaxed),
            (None, Some(bar)) => bar.set_position(done as u64),
            (None, None) => (),
        }
    }

    fn ended(&mut self, is_complete: bool) {
        if let Some(ticker) = self.ticker.take() {
            ticker.stop();
        }
        if let Some(bar) = self.bar.take() {
            finish(&bar, is_complete);
            self.is_taken.store(false, Ordering::Relaxed);
        }
    }
}

/// A thread that draws a bar at each [`TICK`](StandardBar::TICK), and nothing else draws it. So the
/// bar moves while an item takes long, and many short items do not draw it more often.
///
/// Like [`ProgressBar::enable_steady_tick`], but starting it does not panic.
struct Ticker {
    /// How many items are done.
    done: Arc<AtomicU64>,
    /// The thread ends when this is dropped.
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl Ticker {
    fn start(bar: ProgressBar) -> io::Result<Self> {
        let done = Arc::<AtomicU64>::default();
        let position = Arc::clone(&done);
        let (end, ended) = mpsc::channel();
        let run = move || {
            let mut is_last = false;
            loop {
                bar.update(|state| state.set_pos(position.load(Ordering::Relaxed)));
                if is_last {
                    break;
                }
                is_last = ended.recv_timeout(StandardBar::TICK) != Err(RecvTimeoutError::Timeout);
            }
        };
        let thread = thread::Builder::new().name("parallelize bar".to_owned());
        let thread = thread.spawn(run)?;
        Ok(Self { done, end, thread })
    }

    /// Draws the bar for the last time.
    fn stop(self) {
        drop(self.end);
        _ = self.thread.join();
    }
}

/// Ends `bar` as its [`ProgressFinish`] says if the job is complete; otherwise clears it.
fn finish(bar: &ProgressBar, is_complete: bool) {
    if thread::panicking() {
        // A thread that unwinds draws nothing, so another thread does. If none can be started, the
        // bar stays as it was drawn last.
        let bar = bar.clone();
        let finished = thread::Builder::new().spawn(move || finish(&bar, is_complete));
        _ = finished.map(JoinHandle::join);
        return;
    }
    let done = bar.position();
    if is_complete {
        bar.finish_using_style();
    } else {
        bar.finish_and_clear();
    }
    // Both may move the bar to its length, but the job may have done fewer items.
    if bar.position() != done {
        bar.set_position(done);
        bar.force_draw();
    }
}

/// Returns the style of a [`StandardBar`]. Without a length it shows a count instead of a bar.
fn style(has_length: bool) -> ProgressStyle {
    let template = if has_length {
        "{wide_bar} {human_pos}/{human_len}  {rate}  {left}"
    } else {
        "{human_pos} done  {rate}  {elapsed_precise}  {spinner}"
    };
    ProgressStyle::with_template(template)
        .expect("a template")
        .with_key("rate", rate)
        .with_key("left", left)
}

/// Writes how many items are done per second, minute or hour.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    let (items, unit) = per_unit(state.per_sec());
    _ = write!(out, "{:.1}/{unit}", HumanFloatCount(items));
}

/// Converts a rate per second to the first unit of time in which an item is done. If there is no
/// such unit, returns the rate per second.
fn per_unit(per_second: f64) -> (f64, &'static str) {
    let units = [("s", 1.0), ("min", 60.0), ("h", 3600.0)];
    let mut rates = units
        .map(|(unit, seconds)| (per_second * seconds, unit))
        .into_iter();
    rates
        .find(|(items, _)| *items >= 1.0)
        .unwrap_or((per_second, "s"))
}

/// Writes the time that is left, or the time that the job took once it has ended.
fn left(state: &ProgressState, out: &mut dyn fmt::Write) {
    _ = if state.is_finished() {
        write!(out, "in {}", FormattedDuration(state.elapsed()))
    } else if state.pos() == 0 {
        write!(out, "ETA unknown")
    } else {
        write!(out, "ETA {}", FormattedDuration(state.eta()))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_in_a_unit_of_time_in_which_an_item_is_done() {
        assert_eq!(per_unit(2_500.0), (2_500.0, "s"));
        assert_eq!(per_unit(0.25), (15.0, "min"));
        assert_eq!(per_unit(0.001), (3.6, "h"));
        assert_eq!(per_unit(0.0), (0.0, "s"));
    }
}
