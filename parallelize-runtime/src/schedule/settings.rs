//! The settings of a call.

use std::num::NonZeroUsize;
use std::panic::Location;
#[cfg(feature = "processes")]
use std::time::Duration;

use super::policy::Policy;
use super::profile::Profile;
use super::slices::Slices;

/// The settings that a job passes to its call.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) profile: &'static Profile,
    pub(crate) threads: Option<NonZeroUsize>,
    /// The length of every chunk but the last.
    pub(crate) chunk: Option<NonZeroUsize>,
    /// The most results that a stream holds.
    pub(crate) window: Option<NonZeroUsize>,
    /// Whether the call stays on this machine.
    #[cfg(feature = "cluster")]
    pub(crate) is_local: bool,
    /// The number of processes that evaluate the items, if others than this one do.
    #[cfg(feature = "processes")]
    pub(crate) processes: Option<NonZeroUsize>,
    /// The most time that an item may take in such a process.
    #[cfg(feature = "processes")]
    pub(crate) timeout: Option<Duration>,
    /// The most items that such a process evaluates.
    #[cfg(feature = "processes")]
    pub(crate) items_per_process: Option<NonZeroUsize>,
    /// Whether the sum of the results is all that is needed, and they are numbers.
    #[cfg(feature = "cluster")]
    pub(crate) is_sum: bool,
    /// Whether some results are known already: the cost of one item then says little about the
    /// next.
    pub(crate) is_uneven: bool,
    /// What may stand behind the items, if they are references.
    pub(crate) slices: Slices,
    /// Where the job's last call stands in the source, if the job runs on another thread.
    pub(crate) site: Option<&'static Location<'static>>,
}

impl Settings {
    /// Makes the default settings of a job whose function has this `profile`.
    pub(crate) fn of(profile: &'static Profile) -> Self {
        Self {
            profile,
            threads: None,
            chunk: None,
            window: None,
            #[cfg(feature = "cluster")]
            is_local: false,
            #[cfg(feature = "cluster")]
            is_sum: false,
            #[cfg(feature = "processes")]
            processes: None,
            #[cfg(feature = "processes")]
            timeout: None,
            #[cfg(feature = "processes")]
            items_per_process: None,
            is_uneven: false,
            slices: Slices::UNKNOWN,
            site: None,
        }
    }

    /// Returns whether other processes evaluate the items.
    #[cfg(feature = "processes")]
    pub(crate) fn is_isolated(&self) -> bool {
        self.processes.is_some()
    }

    /// Likewise. They do not.
    #[cfg(not(feature = "processes"))]
    #[expect(clippy::unused_self, reason = "with the feature it is used")]
    pub(crate) fn is_isolated(&self) -> bool {
        false
    }

    /// Returns how many threads or processes evaluate the items, if that is set.
    pub(crate) fn workers(&self) -> Option<NonZeroUsize> {
        #[cfg(feature = "processes")]
        if self.is_isolated() {
            return self.processes;
        }
        self.threads
    }

    /// Returns the settings of a call inside an item, which runs where that item does.
    #[cfg(feature = "processes")]
    pub(crate) fn not_isolated(mut self) -> Self {
        self.processes = None;
        self
    }

    /// Returns the settings of the threads that have a process each.
    #[cfg(feature = "processes")]
    pub(crate) fn isolated(mut self) -> Self {
        self.threads = self.processes;
        self.is_local = true;
        self
    }

    /// Makes the policy of a call whose items are `X`.
    pub(crate) fn policy<X>(&self) -> Policy {
        let (known, is_trusted) = (self.profile.item_seconds(), self.profile.is_trusted());
        let mut policy = Policy::new(size_of::<X>(), known, is_trusted, self.chunk);
        if self.is_uneven {
            return policy.with_uneven_items();
        }
        policy.set_tuner(&self.profile.tuner());
        policy
    }

    /// Passes on to the profile what the `policy` of a call has measured.
    pub(crate) fn learn(&self, policy: &Policy) {
        if self.is_uneven {
            return;
        }
        let (items, elapsed) = policy.finished();
        self.profile.learn(items, elapsed);
        if let Some(tuner) = &policy.tuner {
            self.profile.keep_tuner(tuner, items, elapsed);
        }
    }
}
