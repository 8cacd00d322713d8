//! Elided lifetimes. They need a name when a type moves from an argument into a bound.

use syn::{Lifetime, Type};

use super::walk::{Part, walk};

/// Gives each elided lifetime in `ty` a name that `name` returns.
pub(crate) fn name_elided(ty: &mut Type, name: &mut dyn FnMut() -> Lifetime) {
    walk(ty, &mut |part| {
        if let Part::Lifetime(lifetime) = part {
            lifetime.get_or_insert_with(&mut *name);
        }
    });
}

/// Returns the named lifetimes in `ty`.
pub(crate) fn named(ty: &Type) -> Vec<Lifetime> {
    let mut named = Vec::new();
    walk(&mut ty.clone(), &mut |part| {
        if let Part::Lifetime(Some(lifetime)) = part {
            named.push(lifetime.clone());
        }
    });
    named
}

/// Returns the first named lifetime in `ty`.
pub(crate) fn first_named(ty: &Type) -> Option<Lifetime> {
    named(ty).into_iter().next()
}

/// Returns whether a lifetime in `ty` is elided where a type can show it.
pub(crate) fn has_elided(ty: &Type) -> bool {
    let mut found = false;
    walk(&mut ty.clone(), &mut |part| {
        found |= matches!(part, Part::Lifetime(None));
    });
    found
}
