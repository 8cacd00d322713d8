//! What an item cost last time.

/// Remembers what an item of one companion cost.
#[derive(Debug, Default)]
pub struct Profile {}

impl Profile {
    /// Knows nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}
