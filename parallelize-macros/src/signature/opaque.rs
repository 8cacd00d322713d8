//! `impl Trait` types.

use quote::ToTokens;
use syn::{Type, TypeImplTrait, TypeParamBound};

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

fn is_send(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else {
        return false;
    };
    let last = bound.path.segments.last();
    last.is_some_and(|last| last.ident == "Send")
}
