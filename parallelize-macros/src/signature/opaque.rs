//! `impl Trait` types.

use quote::ToTokens;
use syn::{Ident, Type, TypeImplTrait, TypeParamBound};

use super::{
    walk::{Part, walk},
    words::mentions,
};

/// Returns whether `ty` contains an `impl Trait`, which cannot be spelled again.
pub(crate) fn is_opaque(ty: &Type) -> bool {
    mentions(ty.to_token_stream(), &["impl"])
}

/// Returns each `impl Trait` in `ty` that does not promise to be `Send`.
pub(crate) fn without_send(ty: &Type) -> Vec<TypeImplTrait> {
    let mut found = Vec::new();
    walk(&mut ty.clone(), &mut |part| {
        if let Part::Type(Type::ImplTrait(opaque)) = part {
            if !opaque.bounds.iter().any(is_send) {
                found.push(opaque.clone());
            }
        }
    });
    found
}

/// Returns each `impl Trait` in `ty` whose traits are known not to have `Send` as a supertrait.
pub(crate) fn never_send(ty: &Type) -> Vec<TypeImplTrait> {
    const KNOWN: [&str; 16] = [
        "Clone",
        "Copy",
        "Debug",
        "Display",
        "DoubleEndedIterator",
        "Error",
        "ExactSizeIterator",
        "Fn",
        "FnMut",
        "FnOnce",
        "Future",
        "IntoIterator",
        "Iterator",
        "Read",
        "Sized",
        "Write",
    ];
    let is_known = |bound: &TypeParamBound| match trait_name(bound) {
        Some(name) => KNOWN.iter().any(|known| name == known),
        None => true,
    };
    let mut found = without_send(ty);
    found.retain(|opaque| opaque.bounds.iter().all(is_known));
    found
}

fn is_send(bound: &TypeParamBound) -> bool {
    trait_name(bound).is_some_and(|name| name == "Send")
}

/// Returns the name of the trait in a `bound`, unless that is a lifetime.
pub(super) fn trait_name(bound: &TypeParamBound) -> Option<&Ident> {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}
