//! Jobs that run in the background.

use std::panic::{self, Location};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io, thread};

use super::Job;
use crate::observe::Progress;
use crate::team;
use crate::work::Work;

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job in the background and returns a handle, which waits for the results.
    ///
    /// The job has to own everything that it uses, or to share it through an
    /// [`Arc`](std::sync::Arc) or a `static`: a function takes `model: Arc<Model>` then. A job that
    /// borrows can [`collect`](Job::collect), which waits for the results. If the handle is
    /// dropped, the job goes on, as with [`thread::spawn`].
    ///
    /// ```
    /// let texts = vec!["to be".to_owned(), "or not to be".to_owned()];
    /// let words = parallelize::job(texts, |text| text.split(' ').count()).spawn();
    /// println!("The words are counted meanwhile.");
    /// assert_eq!(words.join(), [2, 4]);
    /// ```
    ///
    /// The job is called on a new thread. On a thread of a pool, it might wait for the very thread
    /// that waits for it in [`join`](JobHandle::join). Its helpers are threads of rayon's global
    /// pool unless [`threads`](Job::threads) sets their number. This holds even inside the
    /// [`install`] of another pool.
    ///
    /// If the operating system cannot start another thread, the job runs in
    /// [`join`](JobHandle::join), on the thread that joins it, and stderr says so. If the handle is
    /// dropped instead, such a job does not run.
    ///
    /// [`install`]: https://docs.rs/rayon/latest/rayon/struct.ThreadPool.html#method.install
    #[track_caller]
    pub fn spawn<R>(mut self) -> JobHandle<R>
    // Where a job borrows, the compiler quotes one of the first two lines. It also advises to write
    // `use<..>`, which does not help.
    where
        I: 'static, // To share borrowed data, take it as an `Arc`; or `collect` instead of `spawn`.
        W: 'static, // To share borrowed data, take it as an `Arc`; or `collect` instead of `spawn`.
        W: Work<I::Item, Output = R> + Send,
        P: 'static,
        R: Send + 'static,
    {
        self.settings.site = Some(Location::caller());
        let builder = thread::Builder::new().name("parallelize job".to_owned());
        start(Box::new(|| self.collect()), |run| builder.spawn(run))
    }
}

/// A job that has not begun.
type Unbegun<R> = Box<dyn FnOnce() -> Vec<R> + Send>;

/// Starts `job` on the thread that `spawn` starts. If there is none, the handle keeps the job.
fn start<R: Send + 'static>(
    job: Unbegun<R>,
    spawn: impl FnOnce(Unbegun<R>) -> io::Result<thread::JoinHandle<Vec<R>>>,
) -> JobHandle<R> {
    // A spawn that fails drops its function, so the job is not part of it.
    let job = Arc::new(Mutex::new(Some(job)));
    let shared = Arc::clone(&job);
    let run = move || take(&shared).map_or_else(Vec::new, |job| job());
    match spawn(Box::new(run)) {
        Ok(thread) => JobHandle(State::Begun(thread)),
        Err(error) => {
            team::say_once(format_args!(
                "no thread could be started for a job, which runs when it is joined: {error}"
            ));
            JobHandle(State::Unbegun(job))
        }
    }
}

/// Takes the job, which is there until one thread has taken it.
fn take<R>(job: &Mutex<Option<Unbegun<R>>>) -> Option<Unbegun<R>> {
    job.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The handle of a job that runs in the background, made by [`Job::spawn`].
///
/// ```
/// use parallelize::{JobHandle, job};
///
/// /// What a window shows, and what it still waits for.
/// struct Window {
///     title: &'static str,
///     primes: JobHandle<bool>,
/// }
///
/// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
/// let window = Window { title: "primes", primes: job(2..1_000, is_prime).spawn() };
/// println!("{} ..", window.title);
/// let primes = window.primes.join();
/// assert_eq!(primes.into_iter().filter(|is_prime| *is_prime).count(), 168);
/// ```
pub struct JobHandle<R>(State<R>);

enum State<R> {
    Begun(thread::JoinHandle<Vec<R>>),
    /// No thread could be started for the job.
    Unbegun(Arc<Mutex<Option<Unbegun<R>>>>),
}

impl<R> JobHandle<R> {
    /// Returns whether [`join`](JobHandle::join) would return or panic without waiting for items.
    ///
    /// If no thread could be started for the job, this returns `false` until
    /// [`join`](JobHandle::join). So a loop that waits for `true` has to end by itself.
    ///
    /// ```
    /// use std::{thread, time::Duration};
    ///
    /// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
    /// let job = parallelize::job(2..1_000, is_prime).spawn();
    /// for _ in 0..100 {
    ///     if job.is_finished() {
    ///         break;
    ///     }
    ///     // .. here a program would draw its window ..
    ///     thread::sleep(Duration::from_millis(1));
    /// }
    /// assert_eq!(job.join().len(), 998);
    /// ```
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            State::Begun(thread) => thread.is_finished(),
            State::Unbegun(_) => false,
        }
    }

    /// Waits for the job and returns its results, which are those of [`Job::collect`].
    ///
    /// If no thread could be started for the job, this runs it.
    ///
    /// ```
    /// let names = vec!["mean.csv".to_owned(), "spread.csv".to_owned()];
    /// let lengths = parallelize::job(names, |name| name.len()).spawn();
    /// let total: usize = lengths.join().into_iter().sum();
    /// assert_eq!(total, 18);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the job panicked, with the panic of [`Job::collect`]. The panic hook ran then, and
    /// does not run again.
    pub fn join(self) -> Vec<R> {
        match self.0 {
            State::Begun(thread) => thread
                .join()
                .unwrap_or_else(|payload| panic::resume_unwind(payload)),
            State::Unbegun(job) => take(&job).map_or_else(Vec::new, |job| job()),
        }
    }
}

impl<R> fmt::Debug for JobHandle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandle")
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_without_a_thread_runs_when_it_is_joined() {
        let handle = start(Box::new(|| vec![thread::current().id()]), |run| {
            drop(run);
            Err(io::ErrorKind::WouldBlock.into())
        });
        assert!(!handle.is_finished());
        assert_eq!(handle.join(), [thread::current().id()]);
    }
}
