//! Jobs that show their progress.

#[cfg(feature = "progress")]
use indicatif::ProgressBar;

use super::Job;
use crate::observe::{Callback, Progress};
#[cfg(feature = "progress")]
use crate::observe::{GivenBar, StandardBar};

impl<I, W, P: Progress> Job<I, W, P> {
    /// Calls `callback` whenever more items are done: with their number, and with the total if the
    /// iterator knows it.
    ///
    /// One thread at a time calls `callback`, with numbers that rise. If it takes long, they rise
    /// in larger steps. The final number is passed before the job ends.
    ///
    /// ```
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let job = parallelize::job(2..1_000, is_prime).on_progress(|done, total| match total {
    ///     Some(total) => println!("{done} of {total}"),
    ///     None => println!("{done}"),
    /// });
    /// assert_eq!(job.collect().len(), 998);
    /// ```
    ///
    /// # Panics
    ///
    /// The last call of the job panics if `callback` panics.
    pub fn on_progress<F>(self, callback: F) -> Job<I, W, impl Progress>
    where
        F: FnMut(usize, Option<usize>) + Send,
    {
        self.with_progress(Callback(callback))
    }

    /// Shows a progress bar on stderr while the job runs: the items done, their rate, and the time
    /// that is left (ETA).
    ///
    /// The bar is drawn at regular intervals, even while an item takes long. If the iterator does
    /// not know its length, a count stands in place of the bar. The bar stays when the job is
    /// complete and is cleared if it fails.
    ///
    /// No bar is shown where stderr is not a terminal, or while another job shows its bar, such as
    /// the one around this job.
    ///
    /// Anything else that is written to the terminal, such as the message of a panic, mixes with
    /// the bar. To print without that, pass a bar to [`progress_with`](Job::progress_with) and use
    /// its [`println`].
    ///
    /// A thread of its own draws the bar. If the operating system cannot start one, the bar is
    /// drawn only when an item is done.
    ///
    /// ```
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let are_prime = parallelize::job(2..1_000, is_prime).progress().collect();
    /// assert_eq!(are_prime[..5], [true, true, false, true, false]);
    /// ```
    ///
    /// [`println`]: https://docs.rs/indicatif/latest/indicatif/struct.ProgressBar.html#method.println
    #[cfg(feature = "progress")]
    pub fn progress(self) -> Job<I, W, impl Progress> {
        self.with_progress(StandardBar::on_stderr())
    }

    /// Shows the progress of the job on `bar`, for a style of your own or several bars at once. The
    /// bar is a [`ProgressBar`] of `indicatif`, which this crate re-exports.
    ///
    /// When the job begins, the bar is reset, and its length becomes the number of items if the
    /// iterator knows it. When the job is complete, the bar ends as its [`with_finish`] says; by
    /// default it is cleared. If the job fails, the bar is cleared. In both cases its position is
    /// the number of items that were done.
    ///
    /// How often the bar is drawn is its own setting, as is whether it ticks while an item takes
    /// long.
    ///
    /// ```
    /// use parallelize::indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
    ///
    /// let style = ProgressStyle::with_template("numbers {bar:40} {pos} of {len}")?;
    /// let bar = ProgressBar::no_length()
    ///     .with_style(style)
    ///     .with_finish(ProgressFinish::AndLeave);
    ///
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let are_prime = parallelize::job(2..1_000, is_prime).progress_with(bar).collect();
    /// assert_eq!(are_prime.len(), 998);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`ProgressBar`]: https://docs.rs/indicatif/latest/indicatif/struct.ProgressBar.html
    /// [`with_finish`]: https://docs.rs/indicatif/latest/indicatif/struct.ProgressBar.html#method.with_finish
    #[cfg(feature = "progress")]
    pub fn progress_with(self, bar: ProgressBar) -> Job<I, W, impl Progress> {
        self.with_progress(GivenBar(bar))
    }

    /// Adds `progress` to what receives the progress of the job.
    fn with_progress<Q: Progress>(self, progress: Q) -> Job<I, W, (P, Q)> {
        Job {
            items: self.items,
            work: self.work,
            settings: self.settings,
            progress: (self.progress, progress),
        }
    }
}

#[cfg(all(test, feature = "progress"))]
mod tests {
    use std::panic::{self, AssertUnwindSafe};
    use std::sync::Mutex;
    use std::thread;
    use std::time::{Duration, Instant};

    use indicatif::{InMemoryTerm, ProgressDrawTarget, ProgressFinish, ProgressStyle};

    use super::*;
    use crate::job::job;

    const TICK: Duration = StandardBar::TICK;

    fn terminal() -> InMemoryTerm {
        InMemoryTerm::new(5, 80)
    }

    fn target(terminal: &InMemoryTerm) -> ProgressDrawTarget {
        ProgressDrawTarget::term_like(Box::new(terminal.clone()))
    }

    /// Returns `job` with a standard bar on `terminal`.
    fn on<I, W, P>(terminal: &InMemoryTerm, job: Job<I, W, P>) -> Job<I, W, impl Progress>
    where
        I: Iterator + Send,
        P: Progress,
    {
        job.with_progress(StandardBar::on(target(terminal), Box::leak(Box::default())))
    }

    /// Returns the count on the terminal, and how much of the bar is filled in percent.
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
        let bar = || StandardBar::on(target(&terminal), is_taken);
        for _ in 0..2 {
            let inner = |i| job(0..i, |j| j).with_progress(bar()).collect().len();
            let outer = job(0..20, inner).threads(2).with_progress(bar());
            assert!(outer.collect().into_iter().eq(0..20));
        }
        // The bars of the outer jobs, and nothing else.
        let shown = terminal.contents();
        assert_eq!(shown.lines().count(), 2, "{shown}");
        assert_eq!(shown.matches("20/20").count(), 2, "{shown}");
    }

    #[test]
    fn a_complete_bar_stays() {
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
    fn a_bar_moves_while_an_item_takes_long() {
        let terminal = terminal();
        let look = |()| {
            thread::sleep(2 * TICK);
            _ = terminal.moves_since_last_check();
            thread::sleep(3 * TICK);
            terminal.moves_since_last_check()
        };
        let written = on(&terminal, job([()], look)).collect();
        assert_ne!(written, [""]);
        // It is no longer drawn.
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

            // The progress beside the bar may be what fails.
            let failed = on(&terminal, job(0..50, slowly).threads(threads))
                .on_progress(|done, _| assert!(done < 15, "bad"));
            panic::catch_unwind(AssertUnwindSafe(|| failed.collect())).unwrap_err();
            assert_eq!(terminal.contents(), "");
        }
    }

    #[test]
    fn a_bar_is_cleared_unless_its_stream_is_read_to_the_end() {
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
        let bar = ProgressBar::with_draw_target(Some(7), target(&terminal))
            .with_style(ProgressStyle::with_template("{msg}: {pos} of {len}").unwrap())
            .with_finish(ProgressFinish::WithMessage("ready".into()));
        bar.set_message("going");
        job(0..30, slowly).progress_with(bar.clone()).collect();
        assert!(bar.is_finished());
        assert_eq!(terminal.contents(), "ready: 30 of 30");

        // Again, with fewer items than its length. The iterator does not know how many.
        let even = (0..40).filter(|i| i % 2 == 0);
        job(even, slowly).progress_with(bar.clone()).collect();
        assert_eq!(terminal.contents(), "ready: 20 of 30");
    }

    #[test]
    fn a_given_bar_is_cleared_unless_it_says_otherwise() {
        let terminal = terminal();
        let bar = ProgressBar::with_draw_target(None, target(&terminal));
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
    fn a_hidden_bar_ignores_the_progress() {
        let hidden = ProgressDrawTarget::hidden();
        assert!(!StandardBar::on(hidden, Box::leak(Box::default())).began(Some(1)));
        let bar = ProgressBar::hidden();
        let job = job(0..100, |i| i).progress().progress_with(bar.clone());
        let mut last = (0, None);
        job.on_progress(|done, total| last = (done, total))
            .collect();
        assert_eq!(last, (100, Some(100)));
        assert_eq!(bar.position(), 100);
    }
}
