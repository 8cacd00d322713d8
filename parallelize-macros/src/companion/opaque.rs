//! `impl Trait` in a companion: the bounds of the arguments and results that have such a type, and
//! what a result may hold.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{CapturedParam, Generics, Type, TypeParamBound, parse_quote};

use crate::signature::{
    Place, Signature, generics, names,
    opaque::is_opaque,
    params::Param,
    walk::{Part, walk},
    words::mentions,
};

/// Returns the type of a constant in the companion: `&impl Fn()` becomes `&(impl Fn() + Sync)`.
pub(super) fn constant(signature: &Signature<'_>, param: &Param<'_>) -> Type {
    let mut ty = param.ty.clone();
    if is_opaque(&ty) {
        // A result that is opaque itself may hold the constant, or a clone of it.
        let send = signature
            .returns_opaque()
            .then(|| quote!(+ ::core::marker::Send));
        let clone = param.is_cloned().then(|| quote!(+ ::core::clone::Clone));
        add_bounds(&mut ty, &quote!(::core::marker::Sync #send #clone));
    }
    ty
}

/// Returns the type of one result in the companion, which has these `generics`.
pub(super) fn result(ty: &Type, generics: &Generics) -> Type {
    let mut ty = ty.clone();
    if is_opaque(&ty) {
        add_bounds(&mut ty, &quote!(::core::marker::Send));
        walk(&mut ty, &mut |part| {
            if let Part::Type(Type::ImplTrait(opaque)) = part {
                opaque
                    .bounds
                    .iter_mut()
                    .for_each(|bound| capture_all(bound, generics));
            }
        });
    }
    ty
}

/// Adds to `use<..>` the type parameters that only the companion has, since `use<..>` has to name
/// all.
fn capture_all(bound: &mut TypeParamBound, generics: &Generics) {
    if let TypeParamBound::PreciseCapture(capture) = bound {
        for param in generics.type_params() {
            let ident = &param.ident;
            let known = capture
                .params
                .iter()
                .any(|known| matches!(known, CapturedParam::Ident(known) if known == ident));
            if !known {
                capture.params.push(CapturedParam::Ident(ident.clone()));
            }
        }
    }
}

/// Adds `bounds` to each `impl Trait` in `ty`.
fn add_bounds(ty: &mut Type, bounds: &TokenStream) {
    walk(ty, &mut |part| match part {
        Part::Type(Type::ImplTrait(opaque)) => {
            let given = &opaque.bounds;
            *opaque = parse_quote!(impl #given + #bounds);
        }
        // Two bounds behind a `&` need parentheses.
        Part::Type(Type::Reference(reference)) => {
            if let Type::ImplTrait(opaque) = &*reference.elem {
                *reference.elem = parse_quote!((#opaque));
            }
        }
        _ => {}
    });
}

/// Returns whether a reference to a `ty` may lead to one to a `name`. A lock gives none away that
/// outlives it.
fn is_shared_in(ty: &Type, name: &str) -> bool {
    let mut ty = ty.clone();
    walk(&mut ty, &mut |part| {
        if let Part::Type(ty) = part {
            let is_lock = matches!(&*ty, Type::Path(path)
                if path.path.segments.last().is_some_and(|last| last.ident == "Mutex"));
            if is_lock {
                *ty = parse_quote!(());
            }
        }
    });
    mentions(ty.to_token_stream(), &[name])
}

/// A type of which an opaque result may hold values.
pub(super) struct Held {
    pub(super) ty: Type,
    /// Whether the result may hold references to such values.
    pub(super) is_shared: bool,
}

/// Returns the type parameters of which an opaque result may hold values, with their iterators, and
/// their associated types as far as the signature mentions them.
pub(super) fn held(signature: &Signature<'_>) -> Vec<Held> {
    let params = signature.params.iter().map(|param| &param.ty);
    let types: Vec<&Type> = params.chain(&signature.output).collect();
    let is_shared = |name: &str| {
        let is_outer = !generics::type_names(&signature.generics).any(|known| known == name);
        let is_in_self = || match &signature.place {
            Place::Impl(Some(header)) => is_shared_in(&header.self_ty, name),
            _ => true,
        };
        let mut shared = types.iter().flat_map(|ty| generics::behind(ty));
        shared.any(|behind| {
            let is_in = |name| is_shared_in(&behind.ty, name);
            !behind.is_unique && (is_in(name) || is_outer && is_in("Self") && is_in_self())
        })
    };
    let names = signature.type_names().filter(|name| name != "Self");
    let mut held: Vec<Held> = Vec::new();
    for name in names {
        let param = names::ident(&name, Span::mixed_site());
        let is_shared = is_shared(&name);
        let associated = types.iter().flat_map(|ty| generics::projections(ty, &name));
        let all = [Some(&signature.generics), signature.place.generics()];
        let mut all = all.into_iter().flatten();
        let iterator = all
            .any(|all| generics::has_bound(all, &name, "IntoIterator"))
            .then(|| parse_quote!(<#param as ::core::iter::IntoIterator>::IntoIter));
        for ty in associated.chain(iterator).chain([parse_quote!(#param)]) {
            held.push(Held { ty, is_shared });
        }
    }
    held
}
