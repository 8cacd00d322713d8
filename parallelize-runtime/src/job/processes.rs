//! Jobs whose items other processes evaluate.

use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use super::Job;
use crate::work::Isolatable;

// Rustdoc takes the badge of the feature from here, and not from the private module.
#[cfg(feature = "processes")]
impl<I, W, P> Job<I, W, P> {
    /// Lets `processes` other processes evaluate the items, so that an item that crashes, hangs or
    /// leaks costs itself and nothing else. 0 stands for as many as there are cores.
    ///
    /// The function has to be a `#[parallel(cluster)]` one, and the program has to call
    /// [`processes::join`](crate::processes::join) at the start of `main`. Items, constants and
    /// results travel by serde.
    ///
    /// Each process evaluates one item at a time, on its main thread. If it dies, as by a
    /// segmentation fault, an abort or an exit, the item has the outcome
    /// [`Died`](crate::Outcome::Died), and other items go to a new process. All other results are
    /// kept. [`collect`](Job::collect) and the other last calls that panic if an item does panic
    /// with its death, too: `item 17: killed by signal 11 (SIGSEGV)`. Inside an item of a
    /// `#[parallel(cluster)]` function, a job runs without this setting, and without a timeout.
    ///
    /// ```no_run
    /// use parallelize::{Outcome, parallel};
    /// use std::time::Duration;
    ///
    /// #[parallel(cluster)]
    /// fn solve(stiffness: f64) -> f64 {
    ///     // .. calls a solver that may crash or hang
    ///     # stiffness
    /// }
    ///
    /// fn main() {
    ///     let _processes = parallelize::processes::join();
    ///     let job = solve_job([0.1, 1.0, 10.0]).processes(4).timeout(Duration::from_secs(60));
    ///     for outcome in job.outcomes() {
    ///         match outcome {
    ///             Outcome::Done(solution) => println!("{solution}"),
    ///             Outcome::Panicked(panic) => println!("{panic}"),
    ///             Outcome::Died(death) => println!("{death}"),
    ///             Outcome::Skipped => unreachable!("nothing stops this job"),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// The last call panics if the program has not called `join`, or if no process can be started.
    pub fn processes(mut self, processes: usize) -> Self
    where
        W: Isolatable,
    {
        let cores = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.settings.processes = Some(NonZeroUsize::new(processes).unwrap_or_else(cores));
        self
    }

    /// Ends the process of an item that takes longer than `time`, from its beginning. The outcome
    /// of the item is [`Died`](crate::Outcome::Died). Threads cannot be ended, so this needs
    /// [`processes`](Job::processes).
    ///
    /// ```no_run
    /// # use parallelize::parallel;
    /// # #[parallel(cluster)]
    /// # fn solve(stiffness: f64) -> f64 { stiffness }
    /// # let _processes = parallelize::processes::join();
    /// use std::time::Duration;
    ///
    /// let job = solve_job([0.1, 1.0, 10.0]).processes(4).timeout(Duration::from_secs(60));
    /// for outcome in job.outcomes() {
    ///     println!("{outcome:?}");
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// The last call panics without `processes`.
    pub fn timeout(mut self, time: Duration) -> Self
    where
        W: Isolatable,
    {
        self.settings.timeout = Some(time);
        self
    }

    /// Replaces a process after it has evaluated `items` items, for functions that leak memory. 0,
    /// the default, replaces none.
    ///
    /// ```no_run
    /// # use parallelize::parallel;
    /// # #[parallel(cluster)]
    /// # fn solve(stiffness: f64) -> f64 { stiffness }
    /// # let _processes = parallelize::processes::join();
    /// let solutions = solve_job([0.1, 1.0, 10.0]).processes(4).items_per_process(100).collect();
    /// ```
    ///
    /// # Panics
    ///
    /// The last call panics without `processes`.
    pub fn items_per_process(mut self, items: usize) -> Self
    where
        W: Isolatable,
    {
        self.settings.items_per_process = NonZeroUsize::new(items);
        self
    }
}
