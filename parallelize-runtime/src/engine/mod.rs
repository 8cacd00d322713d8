//! The ways to run a call, each beside its sink: all results at once, as one value, or one by one.
//!
//! Here a source, a policy, a team and a sink meet. This room may use `processes`, `cluster`,
//! `call`, `work`, `team`, `observe`, `schedule` and `outcome`.

mod collect;
mod filled;
mod reduction;
mod resources;
mod results;
mod slots;
mod stream;
mod subtrees;
mod ticks;
mod tree;
mod window;

use crate::observe::Observer;
use crate::schedule::Policy;

pub(crate) use collect::{Shareable, collect};
pub(crate) use reduction::{Fold, Reduce, Reduction, Sum};
pub(crate) use results::Batches;
pub use results::{Stream, StreamUnordered};
pub(crate) use stream::stream;
pub(crate) use tree::Tree;
pub(crate) use window::Order;

/// Tells the observer of a call what its `policy` knows of the gain.
fn report_gain(policy: &Policy, observer: Option<&dyn Observer>) {
    if let (Some(observer), Some((gain, alone))) = (observer, policy.gain()) {
        observer.on_gain(gain, alone);
    }
}
