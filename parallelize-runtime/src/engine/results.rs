//! The results of a stream, as its consumer takes them.

use std::collections::VecDeque;
use std::fmt;
use std::iter::FusedIterator;

use crate::outcome::discard;

/// Fetches the next results into an empty buffer when the last ones are consumed. Returns the
/// position of the first.
pub(super) type Fetch<'f, R> = &'f mut dyn FnMut(&mut VecDeque<R>) -> Option<usize>;

/// The results of a stream with their positions.
pub(crate) struct Batches<'s, R> {
    fetch: Fetch<'s, R>,
    /// Results in order.
    batch: VecDeque<R>,
    /// The position of the first result in `batch`.
    position: usize,
    /// The number of results that are left, at least and at most.
    left: (usize, Option<usize>),
    has_ended: &'s mut bool,
    /// Whether fetching has panicked.
    is_broken: bool,
}

impl<'s, R> Batches<'s, R> {
    pub(super) fn new(
        fetch: Fetch<'s, R>,
        left: (usize, Option<usize>),
        has_ended: &'s mut bool,
    ) -> Self {
        Self {
            fetch,
            batch: VecDeque::new(),
            position: 0,
            left,
            has_ended,
            is_broken: false,
        }
    }
}

impl<R> Drop for Batches<'_, R> {
    /// Discards the results that the consumer did not take. In the plain loop there would be none,
    /// so a panic of their drop is ignored.
    fn drop(&mut self) {
        self.batch.drain(..).for_each(discard);
    }
}

impl<R> Iterator for Batches<'_, R> {
    type Item = (usize, R);

    #[inline]
    fn next(&mut self) -> Option<(usize, R)> {
        if self.batch.is_empty() {
            if *self.has_ended || self.is_broken {
                return None;
            }
            // After a caught panic of `fetch`, the iterator is empty but has not ended: the stream
            // does not count as complete.
            self.is_broken = true;
            if let Some(start) = (self.fetch)(&mut self.batch) {
                self.position = start;
            } else {
                *self.has_ended = true;
                self.left = (0, Some(0));
            }
            self.is_broken = false;
        }
        let result = self.batch.pop_front()?;
        self.position += 1;
        self.left.0 = self.left.0.saturating_sub(1);
        self.left.1 = self.left.1.map(|left| left.saturating_sub(1));
        Some((self.position - 1, result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left
    }
}

/// The results of a [`Job`](crate::Job) in the order of its items, while they are computed.
///
/// [`Job::stream`](crate::Job::stream) passes it to the consumer.
///
/// ```
/// use parallelize::{Stream, job};
/// use std::io::{self, Write};
///
/// /// Writes each number as soon as all before it are written.
/// fn write_lines(mut numbers: Stream<'_, u64>, mut to: impl Write) -> io::Result<()> {
///     numbers.try_for_each(|number| writeln!(to, "{number}"))
/// }
///
/// let mut file = Vec::new();
/// job(1..=3_u64, |side| side * side).stream(|areas| write_lines(areas, &mut file))?;
/// assert_eq!(file, b"1\n4\n9\n");
/// # io::Result::Ok(())
/// ```
pub struct Stream<'s, R>(pub(crate) Batches<'s, R>);

impl<R> Iterator for Stream<'_, R> {
    type Item = R;

    #[inline]
    fn next(&mut self) -> Option<R> {
        self.0.next().map(|(_, result)| result)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<R> FusedIterator for Stream<'_, R> {}

impl<R> fmt::Debug for Stream<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

/// The results of a [`Job`](crate::Job) with the positions of their items, in the order in which
/// they are done.
///
/// [`Job::stream_unordered`](crate::Job::stream_unordered) passes it to the consumer.
///
/// ```
/// use parallelize::{StreamUnordered, job};
///
/// /// Prints each length at once, with the number of its line.
/// fn print(lengths: StreamUnordered<'_, usize>) {
///     for (index, length) in lengths {
///         println!("line {}: {length}", index + 1);
///     }
/// }
///
/// job("To be,\nor not to be".lines(), str::len).stream_unordered(print);
/// ```
pub struct StreamUnordered<'s, R>(pub(crate) Batches<'s, R>);

impl<R> Iterator for StreamUnordered<'_, R> {
    type Item = (usize, R);

    #[inline]
    fn next(&mut self) -> Option<(usize, R)> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<R> FusedIterator for StreamUnordered<'_, R> {}

impl<R> fmt::Debug for StreamUnordered<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamUnordered").finish_non_exhaustive()
    }
}
