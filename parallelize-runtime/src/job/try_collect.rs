//! Jobs whose function returns a `Result`.

use super::Job;
use crate::observe::Progress;
use crate::outcome::ItemError;
use crate::work::{StopAtErr, Work};

impl<I: Iterator + Send, W, P: Progress> Job<I, W, P> {
    /// Runs the job and returns the values of all results in input order, or the error with the
    /// lowest index.
    ///
    /// Once an error is known, no item behind it starts.
    ///
    /// ```
    /// use parallelize::job;
    ///
    /// let numbers = job(["1", "2", "3"], |text| text.parse::<u32>()).try_collect();
    /// assert_eq!(numbers, Ok(vec![1, 2, 3]));
    ///
    /// let failed = job(["1", "two", "3"], |text| text.parse::<u32>()).try_collect();
    /// assert_eq!(failed.unwrap_err().index, 1);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error with the lowest index if the function returns one for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics.
    #[track_caller]
    pub fn try_collect<T, E>(self) -> Result<Vec<T>, ItemError<E>>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
    {
        let mut values = Vec::new();
        match self.run::<StopAtErr, _>(None, &mut values) {
            Ok(()) => Ok(values),
            Err((index, error)) => Err(ItemError { index, error }),
        }
    }

    /// Like [`try_collect`](Job::try_collect), but makes an error of your own from the index and
    /// the error of the item.
    ///
    /// [`ItemError`] is an [`Error`](std::error::Error) if the error of the item is one. Those of
    /// [anyhow](https://docs.rs/anyhow) and [eyre](https://docs.rs/eyre), a `Box<dyn Error>` and a
    /// `String` are not. Their own ways of adding a context apply:
    ///
    /// ```
    /// use anyhow::{Context, Result, ensure};
    /// use parallelize::job;
    ///
    /// fn check(i: u32) -> Result<u32> {
    ///     ensure!(i < 100, "{i} is too much");
    ///     Ok(i)
    /// }
    ///
    /// fn all() -> Result<Vec<u32>> {
    ///     job(98..200, check)
    ///         .try_collect_with(|index, error| error.context(format!("row {index}")))
    ///         .context("table.csv")
    /// }
    ///
    /// assert_eq!(format!("{:#}", all().unwrap_err()), "table.csv: row 2: 100 is too much");
    /// ```
    ///
    /// ```
    /// use eyre::{Report, Result, ensure};
    /// use parallelize::job;
    ///
    /// fn check(i: u32) -> Result<u32> {
    ///     ensure!(i < 100, "{i} is too much");
    ///     Ok(i)
    /// }
    ///
    /// fn all() -> Result<Vec<u32>> {
    ///     let with_row = |index, error: Report| error.wrap_err(format!("row {index}"));
    ///     Ok(job(98..200, check).try_collect_with(with_row)?)
    /// }
    ///
    /// assert_eq!(format!("{:#}", all().unwrap_err()), "row 2: 100 is too much");
    /// ```
    ///
    /// An error of your own, here made by [thiserror](https://docs.rs/thiserror):
    ///
    /// ```
    /// use parallelize::job;
    /// use std::num::ParseIntError;
    /// use thiserror::Error;
    ///
    /// #[derive(Debug, Error)]
    /// #[error("row {row} is no number")]
    /// struct BadRow {
    ///     row: usize,
    ///     source: ParseIntError,
    /// }
    ///
    /// fn all(rows: &[&str]) -> Result<Vec<u32>, BadRow> {
    ///     job(rows, |row| row.parse()).try_collect_with(|row, source| BadRow { row, source })
    /// }
    ///
    /// assert_eq!(all(&["1", "two"]).unwrap_err().to_string(), "row 1 is no number");
    /// ```
    ///
    /// A boxed error:
    ///
    /// ```
    /// use parallelize::job;
    /// use std::error::Error;
    ///
    /// type BoxedError = Box<dyn Error + Send + Sync>;
    ///
    /// fn check(i: u32) -> Result<u32, BoxedError> {
    ///     if i < 100 { Ok(i) } else { Err(format!("{i} is too much").into()) }
    /// }
    ///
    /// fn all() -> Result<Vec<u32>, BoxedError> {
    ///     job(98..200, check).try_collect_with(|row, error| format!("row {row}: {error}").into())
    /// }
    ///
    /// assert_eq!(all().unwrap_err().to_string(), "row 2: 100 is too much");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns what `convert` makes of the error with the lowest index, if the function returns one
    /// for some item.
    ///
    /// # Panics
    ///
    /// Panics like [`map`](crate::map) if the function or the iterator panics, and if `convert`
    /// does.
    #[track_caller]
    pub fn try_collect_with<T, E, O>(self, convert: impl FnOnce(usize, E) -> O) -> Result<Vec<T>, O>
    where
        W: Work<I::Item, Output = Result<T, E>>,
        T: Send,
        E: Send,
    {
        let collected = self.try_collect();
        collected.map_err(|ItemError { index, error }| convert(index, error))
    }
}
