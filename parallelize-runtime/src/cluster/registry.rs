//! The functions that every rank knows by name.

use std::collections::BTreeSet;

use linkme::distributed_slice;

use super::task::TaskResult;

/// A function of `#[parallel(cluster)]`.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its full path.
    pub name: &'static str,
    /// Begins a call of it on a follower, with constants that it decodes from the bytes.
    pub begin: fn(&mut &[u8]) -> TaskResult,
}

/// All functions of the program, collected by the linker.
#[distributed_slice]
pub static FUNCTIONS: [Entry];

/// Returns the function with this name, if there is one.
pub(super) fn find(name: &str) -> Option<Entry> {
    FUNCTIONS.iter().find(|entry| entry.name == name).copied()
}

/// Checks that each function has a name of its own.
///
/// # Errors
///
/// Returns a message if two functions have the same name. A function inside the body of another is
/// named after its module only.
pub fn check_registry() -> Result<(), String> {
    let mut names = BTreeSet::new();
    for entry in FUNCTIONS {
        if !names.insert(entry.name) {
            return Err(format!(
                "two functions of `#[parallel(cluster)]` are called `{}`: rename one of them",
                entry.name
            ));
        }
    }
    Ok(())
}
