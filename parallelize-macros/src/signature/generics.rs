//! Adds bounds where a person would write them.

use quote::{ToTokens, quote};
use syn::{
    GenericArgument, GenericParam, Generics, Lifetime, PathArguments, Token, Type, TypeParamBound,
    WherePredicate, parse_quote, punctuated::Punctuated,
};

use super::{
    lifetimes::has_elided,
    names,
    opaque::{is_opaque, trait_name},
    walk::{Part, walk, walk_bounds},
    words::mentions,
};

/// Adds `bound` to the bounds that `ty` has already. If it has none, adds a predicate, for any
/// lifetimes `any`.
pub(crate) fn add_bound(
    generics: &mut Generics,
    any: &[Lifetime],
    ty: &Type,
    bound: &TypeParamBound,
) {
    let name = ty.to_token_stream().to_string();
    for param in generics.type_params_mut() {
        if param.ident == name && !param.bounds.is_empty() {
            return add_if_new(&mut param.bounds, bound);
        }
    }
    let predicates = &mut generics.make_where_clause().predicates;
    for predicate in predicates.iter_mut() {
        if let WherePredicate::Type(known) = predicate {
            if known.bounded_ty.to_token_stream().to_string() == name {
                return add_if_new(&mut known.bounds, bound);
            }
        }
    }
    let binder = (!any.is_empty()).then(|| quote!(for<#(#any),*>));
    predicates.push(parse_quote!(#binder #ty: #bound));
}

fn add_if_new(bounds: &mut Punctuated<TypeParamBound, Token![+]>, bound: &TypeParamBound) {
    if !bounds
        .iter()
        .any(|known| last_word(known) == last_word(bound))
    {
        bounds.push(bound.clone());
    }
}

/// Returns the last word of a path: `Send` of `::core::marker::Send`.
fn last_word(bound: &TypeParamBound) -> String {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().to_token_stream(),
        bound => bound.to_token_stream(),
    }
    .to_string()
}

/// Adds the bounds that `ty` implies as the type of an argument: what is behind a reference
/// outlives the reference. In a bound, `ty` does not imply them.
///
/// `outer` are the generics of the impl or trait around the function, `outer_names` their names.
pub(crate) fn spell_outlives(
    generics: &mut Generics,
    outer: Option<&Generics>,
    outer_names: &[String],
    ty: &Type,
) {
    let names = type_names(generics).chain(outer_names.iter().cloned());
    let names: Vec<String> = names.collect();
    for Behind { lifetime, ty, .. } in behind(ty) {
        let Some(lifetime) = lifetime else { continue };
        walk(&mut ty.clone(), &mut |part| {
            if let Part::Lifetime(Some(inner)) = part {
                add_lifetime_bound(generics, inner, &lifetime);
            }
        });
        outlive(generics, &names, &ty, &lifetime);
        // With `T: Iterator<Item = (K, V)>`, the compiler knows a `T::Item` as `(K, V)`, and does
        // not conclude from `T::Item: 'a` that `K: 'a`.
        for name in names.iter().filter(|name| depends_on(&ty, name)) {
            let all = outer.into_iter().chain([&*generics]);
            let bound: Vec<Type> = all.flat_map(|all| bound_by(all, name)).collect();
            for ty in bound {
                outlive(generics, &names, &ty, &lifetime);
            }
        }
    }
}

/// Returns whether `ty` is not the type parameter `name`, but mentions it.
fn depends_on(ty: &Type, name: &String) -> bool {
    let ty = ty.to_token_stream();
    ty.to_string() != *name && mentions(ty, &[name])
}

/// Returns the types to which bounds set the associated types of the type parameter `name`.
fn bound_by(generics: &Generics, name: &str) -> Vec<Type> {
    let mut found = Vec::new();
    walk_bounds(&mut bounds_of(generics, name), &mut |part| {
        if let Part::Binding(ty) = part {
            found.push(ty.clone());
        }
    });
    found
}

/// Returns the bounds of the type parameter `name`.
fn bounds_of(generics: &Generics, name: &str) -> Punctuated<TypeParamBound, Token![+]> {
    let params = generics.type_params().filter(|param| param.ident == name);
    let predicates = generics.where_clause.iter().flat_map(|all| &all.predicates);
    let predicates = predicates.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => Some(predicate),
        _ => None,
    });
    let predicates =
        predicates.filter(|predicate| predicate.bounded_ty.to_token_stream().to_string() == name);
    let bounds = params.map(|param| &param.bounds);
    let bounds = bounds.chain(predicates.map(|predicate| &predicate.bounds));
    bounds.flatten().cloned().collect()
}

/// Returns whether the type parameter `name` has a bound that is called `bound`.
pub(crate) fn has_bound(generics: &Generics, name: &str, bound: &str) -> bool {
    let bounds = bounds_of(generics, name);
    let mut names = bounds.iter().filter_map(trait_name);
    names.any(|known| known == bound)
}

/// Adds that `ty` outlives `lifetime`, as far as it depends on one of `names`.
fn outlive(generics: &mut Generics, names: &[String], ty: &Type, lifetime: &Lifetime) {
    if !mentions(ty.to_token_stream(), names) {
        return;
    }
    match ty {
        Type::Group(group) => outlive(generics, names, &group.elem, lifetime),
        Type::Paren(paren) => outlive(generics, names, &paren.elem, lifetime),
        Type::Array(array) => outlive(generics, names, &array.elem, lifetime),
        Type::Slice(slice) => outlive(generics, names, &slice.elem, lifetime),
        Type::Reference(reference) => outlive(generics, names, &reference.elem, lifetime),
        Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .for_each(|ty| outlive(generics, names, ty, lifetime)),
        // As a whole, since the type that an alias or an associated type stands for may depend on
        // other parameters than it names.
        Type::Path(_) if !has_elided(ty) && !is_opaque(ty) => {
            add_bound(generics, &[], ty, &parse_quote!(#lifetime));
        }
        _ => {
            for name in names {
                if mentions(ty.to_token_stream(), &[name]) {
                    let param = names::ident(name, lifetime.span());
                    add_bound(
                        generics,
                        &[],
                        &parse_quote!(#param),
                        &parse_quote!(#lifetime),
                    );
                }
            }
        }
    }
}

/// A type behind a reference.
pub(crate) struct Behind {
    /// The lifetime of the reference, unless it is elided.
    lifetime: Option<Lifetime>,
    /// Whether it is a `&mut`.
    pub(crate) is_unique: bool,
    pub(crate) ty: Type,
}

/// Returns the type behind each reference in `ty`.
pub(crate) fn behind(ty: &Type) -> Vec<Behind> {
    let mut behind = Vec::new();
    walk(&mut ty.clone(), &mut |part| match part {
        Part::Type(Type::Reference(reference)) => behind.push(Behind {
            lifetime: reference.lifetime.clone(),
            is_unique: reference.mutability.is_some(),
            ty: (*reference.elem).clone(),
        }),
        // A lifetime among the arguments of a type is most likely that of a reference in it.
        Part::Type(Type::Path(path)) => {
            for segment in &path.path.segments {
                behind.extend(in_arguments(&segment.arguments));
            }
        }
        _ => {}
    });
    behind
}

/// Pairs each lifetime among `arguments` with each type among them.
fn in_arguments(arguments: &PathArguments) -> Vec<Behind> {
    let PathArguments::AngleBracketed(generics) = arguments else {
        return Vec::new();
    };
    let types = generics.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let lifetimes = generics.args.iter().filter_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => Some(lifetime),
        _ => None,
    });
    let pairs = lifetimes.flat_map(|lifetime| {
        types.clone().map(|ty| Behind {
            lifetime: (lifetime.ident != "_").then(|| lifetime.clone()),
            is_unique: false,
            ty: ty.clone(),
        })
    });
    pairs.collect()
}

/// Returns the associated types of the type parameter `name` in `ty`: `T::Item`, or
/// `<T as Iterator>::Item`.
pub(crate) fn projections(ty: &Type, name: &str) -> Vec<Type> {
    let mut found = Vec::new();
    walk(&mut ty.clone(), &mut |part| {
        let Part::Type(Type::Path(path)) = part else {
            return;
        };
        let base = match &path.qself {
            Some(qself) => qself.ty.to_token_stream().to_string(),
            None => path.path.segments[0].ident.to_string(),
        };
        if base == name && path.path.segments.len() > 1 {
            found.push(Type::Path(path.clone()));
        }
    });
    found
}

/// Adds that `inner` outlives `outer`, where the bounds of `inner` stand already, if it has any.
fn add_lifetime_bound(generics: &mut Generics, inner: &Lifetime, outer: &Lifetime) {
    if inner.ident == outer.ident || inner.ident == "static" {
        return;
    }
    let mut predicates = generics
        .where_clause
        .iter_mut()
        .flat_map(|all| &mut all.predicates);
    let known = predicates.find_map(|predicate| match predicate {
        WherePredicate::Lifetime(known) if known.lifetime == *inner => Some(&mut known.bounds),
        _ => None,
    });
    let known = known.or_else(|| {
        let mut params = generics.params.iter_mut();
        params.find_map(|param| match param {
            GenericParam::Lifetime(param) if param.lifetime == *inner => {
                param.colon_token.get_or_insert_with(Default::default);
                Some(&mut param.bounds)
            }
            _ => None,
        })
    });
    if let Some(known) = known {
        if !known.iter().any(|known| known.ident == outer.ident) {
            known.push(outer.clone());
        }
        return;
    }
    let predicates = &mut generics.make_where_clause().predicates;
    predicates.push(parse_quote!(#inner: #outer));
}

/// Returns the names of the type parameters.
pub(crate) fn type_names(generics: &Generics) -> impl Iterator<Item = String> {
    generics.type_params().map(|param| param.ident.to_string())
}
