//! Adds bounds where a person would write them.

use quote::{ToTokens, quote};
use syn::{
    GenericArgument, Generics, Lifetime, PathArguments, Token, Type, TypeParamBound,
    WherePredicate, parse_quote, punctuated::Punctuated,
};

use super::{
    names,
    walk::{Part, walk},
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
/// `outer` names the generics of the impl or trait around the function.
pub(crate) fn spell_outlives(generics: &mut Generics, outer: &[String], ty: &Type) {
    let mut behind = Vec::new();
    walk(&mut ty.clone(), &mut |part| match part {
        Part::Type(Type::Reference(reference)) => {
            let lifetime = reference.lifetime.clone();
            behind.extend(lifetime.map(|lifetime| (lifetime, (*reference.elem).clone())));
        }
        // A lifetime among the arguments of a type is most likely that of a reference in it.
        Part::Type(Type::Path(path)) => {
            for segment in &path.path.segments {
                behind.extend(in_arguments(&segment.arguments));
            }
        }
        _ => {}
    });
    for (lifetime, ty) in behind {
        walk(&mut ty.clone(), &mut |part| {
            if let Part::Lifetime(Some(inner)) = part {
                add_lifetime_bound(generics, inner, &lifetime);
            }
        });
        let names: Vec<String> = type_names(generics).chain(outer.iter().cloned()).collect();
        for name in names {
            if mentions(ty.to_token_stream(), &[&name]) {
                let param = names::ident(&name, lifetime.span());
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

/// Pairs each lifetime among `arguments` with each type among them.
fn in_arguments(arguments: &PathArguments) -> Vec<(Lifetime, Type)> {
    let PathArguments::AngleBracketed(generics) = arguments else {
        return Vec::new();
    };
    let types = generics.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let types: Vec<Type> = types.cloned().collect();
    let lifetimes = generics.args.iter().filter_map(|argument| match argument {
        GenericArgument::Lifetime(lifetime) if lifetime.ident != "_" => Some(lifetime),
        _ => None,
    });
    lifetimes
        .flat_map(|lifetime| types.iter().map(|ty| (lifetime.clone(), ty.clone())))
        .collect()
}

fn add_lifetime_bound(generics: &mut Generics, inner: &Lifetime, outer: &Lifetime) {
    if inner.ident == outer.ident || inner.ident == "static" {
        return;
    }
    for param in generics.lifetimes_mut() {
        if param.lifetime.ident == inner.ident {
            if !param.bounds.iter().any(|known| known.ident == outer.ident) {
                param.colon_token.get_or_insert_with(Default::default);
                param.bounds.push(outer.clone());
            }
            return;
        }
    }
    let predicates = &mut generics.make_where_clause().predicates;
    predicates.push(parse_quote!(#inner: #outer));
}

/// Returns the names of the type parameters.
pub(crate) fn type_names(generics: &Generics) -> impl Iterator<Item = String> {
    generics.type_params().map(|param| param.ident.to_string())
}
