//! What a call is told beside its items and its work.

use std::num::NonZeroUsize;
use std::panic::Location;

use super::policy::Policy;
use super::profile::Profile;

/// What a call is told beside its items and its work.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) profile: &'static Profile,
    pub(crate) threads: Option<NonZeroUsize>,
    /// The length of every run but the last.
    pub(crate) chunk: Option<NonZeroUsize>,
    /// How many results a stream holds at most.
    pub(crate) window: Option<NonZeroUsize>,
    /// Whether it stays on this machine.
    #[cfg(feature = "cluster")]
    pub(crate) is_local: bool,
    /// Whether some items cost next to nothing, and say nothing of what the others do.
    pub(crate) is_uneven: bool,
    /// Where the last call of the job stands, if that is not where it runs.
    pub(crate) site: Option<&'static Location<'static>>,
}

impl Settings {
    /// Nothing said.
    pub(crate) fn of(profile: &'static Profile) -> Self {
        Self {
            profile,
            threads: None,
            chunk: None,
            window: None,
            #[cfg(feature = "cluster")]
            is_local: false,
            is_uneven: false,
            site: None,
        }
    }

    pub(crate) fn policy<X>(&self) -> Policy {
        let (known, is_trusted) = (self.profile.item_seconds(), self.profile.is_trusted());
        let policy = Policy::new(size_of::<X>(), known, is_trusted, self.chunk);
        if self.is_uneven {
            policy.of_uneven()
        } else {
            policy
        }
    }

    pub(crate) fn learn(&self, policy: &Policy) {
        if self.is_uneven {
            return;
        }
        let (items, elapsed) = policy.finished();
        self.profile.learn(items, elapsed);
    }
}
