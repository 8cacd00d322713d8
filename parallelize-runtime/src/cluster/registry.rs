//! The functions that every rank knows by name.

use std::collections::BTreeSet;

use linkme::distributed_slice;

use super::task::TaskResult;

/// A function of `#[parallel(cluster)]`.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its full path.
    pub name: &'static str,
    /// What evaluates its items, with the constants that it takes off bytes.
    pub begin: fn(&mut &[u8]) -> TaskResult,
}

/// All functions of the program, as the linker has put them together.
#[distributed_slice]
pub static FUNCTIONS: [Entry];

/// The function with this name.
pub(crate) fn find(name: &str) -> Option<Entry> {
    FUNCTIONS.iter().find(|entry| entry.name == name).copied()
}

/// # Errors
///
/// If there are several functions of one name: in two bodies of one module.
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
