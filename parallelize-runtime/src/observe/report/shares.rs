//! Shares and means of times.

use std::time::Duration;

/// Divides `part` by `whole`. Gives 0, not NaN, if both are 0.
pub(super) fn share(part: Duration, whole: Duration) -> f64 {
    part.div_duration_f64(whole.max(Duration::from_nanos(1)))
}

/// Returns which share of `wall` each of the `threads` was busy on average, if they were busy for
/// `busy` in total.
pub(super) fn mean_share(busy: Duration, wall: Duration, threads: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no job has 2^52 threads")]
    let threads = threads.max(1) as f64;
    share(busy, wall) / threads
}

/// Returns the `total` of `number` times divided by `number`. Gives 0 if there are none.
pub(super) fn mean(total: Duration, number: usize) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    total.div_f64(number.max(1) as f64)
}
