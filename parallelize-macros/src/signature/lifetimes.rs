//! Elided lifetimes. They need a name when a type moves from an argument into a bound.

use syn::{Ident, Lifetime, Type, TypePath};

use super::{
    params,
    walk::{Part, walk},
};

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

/// Returns whether `ty` may have lifetimes that it does not show, as far as its names tell. Those
/// in `type_names` are type parameters.
pub(crate) fn may_hide(ty: &Type, type_names: &[String]) -> bool {
    const WITHOUT: [&str; 8] = [
        "Box", "Option", "Path", "PathBuf", "Result", "String", "Vec", "str",
    ];
    let shows_all = |name: &Ident| {
        params::is_number(name)
            || WITHOUT.iter().any(|known| name == known)
            || type_names.iter().any(|known| name == known)
    };
    let mut found = false;
    walk(&mut ty.clone(), &mut |part| {
        if let Part::Type(Type::Path(TypePath {
            qself: None, path, ..
        })) = part
        {
            let mut segments = path.segments.iter().map(|segment| &segment.ident);
            let is_associated = segments.clone().next().is_some_and(|first| first == "Self");
            found |= !is_associated && !segments.next_back().is_some_and(shows_all);
        }
    });
    found
}
