//! Carries messages to other ranks.

use std::sync::Arc;

/// Carries messages to other ranks.
pub trait Transport: Send + Sync + 'static {
    /// Sends `message` to the rank with number `rank`, without waiting until it arrives.
    ///
    /// Messages from one thread to one rank arrive in their order. A message for several ranks is
    /// shared, not copied.
    fn send(&self, rank: usize, message: Arc<Vec<u8>>);
}
