//! Walks over the parts of a type.

use syn::{
    CapturedParam, GenericArgument, Lifetime, Path, PathArguments, Type, TypeParamBound,
    punctuated::Punctuated,
};

pub(crate) enum Part<'a> {
    /// A type, before its parts.
    Type(&'a mut Type),
    /// A place where a lifetime stands, or is elided.
    Lifetime(&'a mut Option<Lifetime>),
    /// The type to which a bound sets an associated type, before it is visited as a type.
    Binding(&'a Type),
}

/// Calls `visit` with `ty` and every type and lifetime in it.
///
/// Skips the types in `Fn(..) -> ..` and `fn(..) -> ..`, which have elision rules of their own.
pub(crate) fn walk(ty: &mut Type, visit: &mut dyn FnMut(Part<'_>)) {
    visit(Part::Type(ty));
    match ty {
        Type::Array(array) => walk(&mut array.elem, visit),
        Type::Group(group) => walk(&mut group.elem, visit),
        Type::ImplTrait(opaque) => walk_bounds(&mut opaque.bounds, visit),
        Type::Paren(paren) => walk(&mut paren.elem, visit),
        Type::Path(path) => {
            if let Some(qself) = &mut path.qself {
                walk(&mut qself.ty, visit);
            }
            walk_path(&mut path.path, visit);
        }
        Type::Ptr(pointer) => walk(&mut pointer.elem, visit),
        Type::Reference(reference) => {
            visit(Part::Lifetime(&mut reference.lifetime));
            walk(&mut reference.elem, visit);
        }
        Type::Slice(slice) => walk(&mut slice.elem, visit),
        Type::TraitObject(object) => walk_bounds(&mut object.bounds, visit),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(|ty| walk(ty, visit)),
        _ => {}
    }
}

fn walk_path(path: &mut Path, visit: &mut dyn FnMut(Part<'_>)) {
    for segment in &mut path.segments {
        let PathArguments::AngleBracketed(generics) = &mut segment.arguments else {
            continue;
        };
        for argument in &mut generics.args {
            match argument {
                GenericArgument::Lifetime(lifetime) => walk_lifetime(lifetime, visit),
                GenericArgument::Type(ty) => walk(ty, visit),
                GenericArgument::AssocType(binding) => {
                    visit(Part::Binding(&binding.ty));
                    walk(&mut binding.ty, visit);
                }
                GenericArgument::Constraint(constraint) => {
                    walk_bounds(&mut constraint.bounds, visit);
                }
                _ => {}
            }
        }
    }
}

/// Calls `visit` with the types and lifetimes in `bounds`, as [`walk`] does.
pub(crate) fn walk_bounds<P>(
    bounds: &mut Punctuated<TypeParamBound, P>,
    visit: &mut dyn FnMut(Part<'_>),
) {
    for bound in bounds {
        match bound {
            // Lifetimes that `for<'x>` binds are not known outside of the bound.
            TypeParamBound::Trait(bound) if bound.lifetimes.is_none() => {
                walk_path(&mut bound.path, visit);
            }
            TypeParamBound::Lifetime(lifetime) => walk_lifetime(lifetime, visit),
            TypeParamBound::PreciseCapture(capture) => {
                for param in &mut capture.params {
                    if let CapturedParam::Lifetime(lifetime) = param {
                        walk_lifetime(lifetime, visit);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Visits a lifetime that is spelled out. `'_` counts as elided.
fn walk_lifetime(lifetime: &mut Lifetime, visit: &mut dyn FnMut(Part<'_>)) {
    let mut slot = (lifetime.ident != "_").then(|| lifetime.clone());
    visit(Part::Lifetime(&mut slot));
    if let Some(named) = slot {
        *lifetime = named;
    }
}
