//! What a job takes its items from.

/// The items of a [`Job`](crate::Job), which are `X`: an iterator that may move to another thread.
///
/// There is nothing to implement or to call here. It stands in the type of a job, so that a
/// function can return one:
///
/// ```
/// use parallelize::{Items, Job, Work, job};
///
/// fn squares(up_to: u32) -> Job<impl Items<u32>, impl Work<u32, Output = u32>> {
///     job(1..=up_to, |i| i * i).threads(2)
/// }
///
/// assert_eq!(squares(3).collect(), [1, 4, 9]);
/// ```
pub trait Items<X>: Iterator<Item = X> + Send {}

impl<X, I: Iterator<Item = X> + Send> Items<X> for I {}
