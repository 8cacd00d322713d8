//! How far a job has come, as a bar by `indicatif`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fmt, mem};

use indicatif::{
    FormattedDuration, HumanFloatCount, ProgressBar, ProgressDrawTarget, ProgressFinish,
    ProgressState, ProgressStyle,
};

use crate::observe::Progress;

/// How often a bar of ours is drawn, whether something is done or not.
const TICK: Duration = Duration::from_millis(100);

/// A bar that the user has made is told.
pub(crate) struct Given(pub(crate) ProgressBar);

impl Progress for Given {
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

/// Whether stderr shows a bar of ours. Two at a time would draw over each other.
static STDERR_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// A bar of ours is told. It is there while the job runs, if anybody can see it.
pub(crate) struct Standard {
    /// Where it is drawn, until it is there.
    target: ProgressDrawTarget,
    /// Whether somebody else draws there.
    is_taken: &'static AtomicBool,
    bar: Option<ProgressBar>,
}

impl Standard {
    pub(crate) fn on_stderr() -> Self {
        Self::on(ProgressDrawTarget::stderr(), &STDERR_IS_TAKEN)
    }

    fn on(target: ProgressDrawTarget, is_taken: &'static AtomicBool) -> Self {
        Self {
            target,
            is_taken,
            bar: None,
        }
    }
}

impl Progress for Standard {
    fn began(&mut self, total: Option<usize>) -> bool {
        if self.target.is_hidden() || self.is_taken.swap(true, Ordering::Relaxed) {
            return false;
        }
        let target = mem::replace(&mut self.target, ProgressDrawTarget::hidden());
        let total = total.map(|items| items as u64);
        let bar = ProgressBar::with_draw_target(total, target)
            .with_style(style(total.is_some()))
            .with_finish(ProgressFinish::AndLeave);
        // From now on this alone draws the bar, so that it lives while an item takes long, and does
        // not keep a fast job from its work.
        bar.enable_steady_tick(TICK);
        self.bar = Some(bar);
        true
    }

    fn advanced(&mut self, done: usize, _: Option<usize>) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        }
    }

    fn ended(&mut self, is_complete: bool) {
        if let Some(bar) = self.bar.take() {
            bar.disable_steady_tick();
            finish(&bar, is_complete);
            self.is_taken.store(false, Ordering::Relaxed);
        }
    }
}

/// Has `bar` do at the end what it is to do then, or go if the job failed.
fn finish(bar: &ProgressBar, is_complete: bool) {
    if thread::panicking() {
        // Nothing is drawn by a thread that unwinds, so another one has to.
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
    // Either may have moved it to its length, where the job need not have come.
    if bar.position() != done {
        bar.set_position(done);
        bar.force_draw();
    }
}

/// What a bar of ours looks like. Without a length there is nothing that it could be filled by.
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

/// Writes how many items are done in what time.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    let (items, unit) = per_unit(state.per_sec());
    _ = write!(out, "{:.1}/{unit}", HumanFloatCount(items));
}

/// What so many items a second are in the first unit that sees one, if any does.
fn per_unit(per_second: f64) -> (f64, &'static str) {
    let units = [("s", 1.0), ("min", 60.0), ("h", 3600.0)];
    let mut rates = units
        .map(|(unit, seconds)| (per_second * seconds, unit))
        .into_iter();
    rates
        .find(|(items, _)| *items >= 1.0)
        .unwrap_or((per_second, "s"))
}

/// Writes how long the rest will take, or how long everything took.
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
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::Mutex;
    use std::time::Instant;

    use indicatif::InMemoryTerm;

    use super::*;
    use crate::Job;
    use crate::job::job;

    fn terminal() -> InMemoryTerm {
        InMemoryTerm::new(5, 80)
    }

    /// What `job` would be with a bar of ours on this `terminal`.
    fn on<I, W, P>(terminal: &InMemoryTerm, job: Job<I, W, P>) -> Job<I, W, impl Progress>
    where
        I: Iterator + Send,
        P: Progress,
    {
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        job.with_progress(Standard::on(target, Box::leak(Box::default())))
    }

    /// What the terminal shows, but for the numbers that time decides.
    fn shown(terminal: &InMemoryTerm) -> (String, usize) {
        let shown = terminal.contents();
        let words = shown.split_whitespace();
        let count = words.clone().find(|word| !word.contains(['█', '░']));
        let filled = shown.matches('█').count() * 100 / shown.matches(['█', '░']).count().max(1);
        (count.unwrap_or_default().to_owned(), filled)
    }

    fn slowly(i: usize) -> usize {
        thread::sleep(TICK / 10);
        i
    }

    #[test]
    fn one_bar_at_a_time_is_drawn() {
        let (terminal, is_taken) = (terminal(), &*Box::leak(Box::default()));
        let bar = || {
            let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
            Standard::on(target, is_taken)
        };
        for _ in 0..2 {
            let inner = |i| job(0..i, |j| j).with_progress(bar()).collect().len();
            let outer = job(0..20, inner).threads(2).with_progress(bar());
            assert!(outer.collect().into_iter().eq(0..20));
        }
        // Those of the outer jobs, and nothing else.
        let shown = terminal.contents();
        assert_eq!(shown.lines().count(), 2, "{shown}");
        assert_eq!(shown.matches("20/20").count(), 2, "{shown}");
    }

    #[test]
    fn a_complete_bar_is_left() {
        for threads in [1, 2, 16] {
            let terminal = terminal();
            let results = on(&terminal, job(0..2_000, |i| i).threads(threads)).collect();
            assert_eq!(results.len(), 2_000);
            assert_eq!(shown(&terminal), ("2,000/2,000".to_owned(), 100));
            assert!(terminal.contents().contains("  in 00:"));
        }
    }

    #[test]
    fn a_bar_shows_what_is_done_so_far() {
        let (terminal, pictures) = (terminal(), Mutex::new(Vec::new()));
        let begun = Instant::now();
        let look = |i| {
            pictures.lock().unwrap().push(terminal.contents());
            slowly(i)
        };
        on(&terminal, job(0..50, look).threads(1)).collect();
        let mut pictures = pictures.into_inner().unwrap();
        assert!(pictures.iter().any(|picture| picture.contains("  ETA 00:")));
        pictures.dedup();
        let most = begun.elapsed().as_millis() / TICK.as_millis() + 2;
        assert!(
            (3..=most).contains(&(pictures.len() as u128)),
            "{pictures:#?}"
        );
    }

    #[test]
    fn a_bar_lives_while_an_item_takes_long() {
        let terminal = terminal();
        let look = |()| {
            thread::sleep(2 * TICK);
            _ = terminal.moves_since_last_check();
            thread::sleep(3 * TICK);
            terminal.moves_since_last_check()
        };
        let written = on(&terminal, job([()], look)).collect();
        assert_ne!(written, [""]);
        // Nobody draws it any more.
        _ = terminal.moves_since_last_check();
        thread::sleep(3 * TICK);
        assert_eq!(terminal.moves_since_last_check(), "");
    }

    #[test]
    fn a_count_stands_for_a_bar_where_the_length_is_unknown() {
        let terminal = terminal();
        let even = (0..200).filter(|i| i % 2 == 0);
        on(&terminal, job(even, slowly).threads(16)).collect();
        assert_eq!(shown(&terminal), ("100".to_owned(), 0));
        assert!(terminal.contents().starts_with("100 done"));
    }

    #[test]
    fn no_items_make_a_complete_bar() {
        let terminal = terminal();
        on(&terminal, job(0..0, slowly)).collect();
        assert_eq!(shown(&terminal), ("0/0".to_owned(), 100));
    }

    #[test]
    fn a_failure_clears_the_bar() {
        for threads in [1, 2, 16] {
            let terminal = terminal();
            let fail = |i| if slowly(i) == 15 { Err("bad") } else { Ok(i) };
            let failed = on(&terminal, job(0..50, fail).threads(threads)).try_collect();
            assert_eq!(failed.unwrap_err().index, 15);
            assert_eq!(terminal.contents(), "");

            let bad = |i| assert!(slowly(i) != 15, "bad");
            let failed = on(&terminal, job(0..50, bad).threads(threads));
            panic::catch_unwind(AssertUnwindSafe(|| failed.collect())).unwrap_err();
            assert_eq!(terminal.contents(), "");

            // Whoever else is told may be what fails.
            let failed = on(&terminal, job(0..50, slowly).threads(threads))
                .on_progress(|done, _| assert!(done < 15, "bad"));
            panic::catch_unwind(AssertUnwindSafe(|| failed.collect())).unwrap_err();
            assert_eq!(terminal.contents(), "");
        }
    }

    #[test]
    fn a_bar_goes_unless_its_stream_is_taken_to_the_end() {
        let terminal = terminal();
        let job = || on(&terminal, job(0..50, slowly).threads(2));
        assert_eq!(
            job().stream(|results| results.map(|_| 1).sum::<usize>()),
            50
        );
        assert_eq!(shown(&terminal), ("50/50".to_owned(), 100));
        terminal.reset();
        assert_eq!(job().stream(|results| results.take(5).count()), 5);
        assert_eq!(terminal.contents(), "");
        let failed = || job().stream(|results| results.for_each(|i| assert!(i < 5, "bad")));
        panic::catch_unwind(AssertUnwindSafe(failed)).unwrap_err();
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn a_given_bar_is_used_as_it_is() {
        let terminal = terminal();
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bar = ProgressBar::with_draw_target(Some(7), target)
            .with_style(ProgressStyle::with_template("{msg}: {pos} of {len}").unwrap())
            .with_finish(ProgressFinish::WithMessage("ready".into()));
        bar.set_message("going");
        job(0..30, slowly).progress_with(bar.clone()).collect();
        assert!(bar.is_finished());
        assert_eq!(terminal.contents(), "ready: 30 of 30");

        // Again, and fewer than it thought, as the iterator does not know better.
        let even = (0..40).filter(|i| i % 2 == 0);
        job(even, slowly).progress_with(bar.clone()).collect();
        assert_eq!(terminal.contents(), "ready: 20 of 30");
    }

    #[test]
    fn a_given_bar_goes_unless_it_is_to_stay() {
        let terminal = terminal();
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bar = ProgressBar::with_draw_target(None, target);
        job(0..30, slowly).progress_with(bar.clone()).collect();
        assert_eq!((bar.position(), bar.length()), (30, Some(30)));
        assert_eq!(terminal.contents(), "");

        let fail = |i| if slowly(i) == 15 { Err("bad") } else { Ok(i) };
        let failed = job(0..30, fail).threads(1).progress_with(bar.clone());
        assert_eq!(failed.try_collect().unwrap_err().index, 15);
        assert!(bar.is_finished());
        assert_eq!(bar.position(), 15);
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn a_hidden_bar_watches_nothing() {
        assert!(!Standard::on(ProgressDrawTarget::hidden(), &STDERR_IS_TAKEN).began(Some(1)));
        let bar = ProgressBar::hidden();
        let job = job(0..100, |i| i).progress().progress_with(bar.clone());
        let mut last = (0, None);
        job.on_progress(|done, total| last = (done, total))
            .collect();
        assert_eq!(last, (100, Some(100)));
        assert_eq!(bar.position(), 100);
    }

    #[test]
    fn a_rate_is_in_a_unit_that_sees_an_item() {
        assert_eq!(per_unit(2_500.0), (2_500.0, "s"));
        assert_eq!(per_unit(0.25), (15.0, "min"));
        assert_eq!(per_unit(0.001), (3.6, "h"));
        assert_eq!(per_unit(0.0), (0.0, "s"));
    }
}
