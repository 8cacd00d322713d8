//! How a call is divided: the length of the next chunk, the time that an item took in earlier
//! calls, and the settings of the call.
//!
//! Plain numbers, tested by themselves. This room imports nothing else of the crate.

mod gain;
mod limit;
mod policy;
mod profile;
mod remote;
mod settings;
mod slices;
mod trial;
mod tuner;

pub(crate) use gain::Gain;
pub(crate) use policy::Policy;
pub use profile::Profile;
pub(crate) use profile::{
    BREAK_EVEN_ASLEEP, BREAK_EVEN_AWAKE, BREAK_EVEN_DOZING, BREAK_EVEN_REMOTE, LIGHT_SLEEP,
    LONGEST_TRUST, is_due,
};
pub(crate) use settings::Settings;
pub use slices::Slices;
