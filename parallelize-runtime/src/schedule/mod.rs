//! How a call is divided: the length of the next chunk, what an item took in earlier calls, and the
//! settings of the call.
//!
//! Plain numbers, tested by themselves. This room imports nothing else of the crate.

mod policy;
mod profile;
mod settings;

pub(crate) use policy::Policy;
pub use profile::Profile;
pub(crate) use profile::{WORTH_SENDING, WORTH_SHARING, WORTH_WAKING, is_due};
pub(crate) use settings::Settings;
