//! `Send`, `Sync` and `Clone`: asked for where the user wrote the type.
//!
//! A type that depends on type parameters gets a where clause. Any other is looked at in the body, so that the signature
//! stays as a person would write it; generated tokens have the place of the type, so that this is what an error shows.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Generics, Ident, Receiver, ReceiverKind, Type, TypeParamBound, parse_quote, spanned::Spanned,
};

use crate::signature::{
    Place, Signature, mentions,
    params::{Param, Passing, Role},
    walk::{Part, walk},
};

pub(crate) struct Demands {
    /// Types that a where clause has to promise something about.
    promises: Vec<(Type, Vec<Marker>)>,
}

/// The place of `node`, for tokens that are ours.
fn at(node: &impl Spanned) -> Span {
    Span::mixed_site().located_at(node.span())
}

pub(crate) fn cloned(name: &impl ToTokens, owner: &impl Spanned) -> TokenStream {
    let clone = quote_spanned!(at(owner)=> ::core::clone::Clone::clone);
    let borrow = quote_spanned!(at(owner)=> &);
    quote!(#clone(#borrow #name))
}

#[derive(Clone, Copy, PartialEq)]
enum Marker {
    Sized,
    Clone,
    Send,
    Sync,
}

impl Marker {
    fn bound(self) -> TokenStream {
        match self {
            Self::Sized => quote!(::core::marker::Sized),
            Self::Clone => quote!(::core::clone::Clone),
            Self::Send => quote!(::core::marker::Send),
            Self::Sync => quote!(::core::marker::Sync),
        }
    }
}

impl Demands {
    pub(crate) fn of(signature: &Signature<'_>) -> Self {
        let mut demands = Collector {
            signature,
            collected: Self {
                promises: Vec::new(),
            },
        };
        if let Some(receiver) = signature.source.signature.receiver() {
            demands.receiver(receiver);
        }
        for param in &signature.params {
            match &param.role {
                Role::Varying { .. } => demands.demand(&param.ty, Marker::Send),
                Role::Constant(passing) => demands.constant(&param.ty, *passing),
            }
        }
        if let Some(output) = &signature.output {
            demands.demand(output, Marker::Send);
        }
        demands.collected
    }

    /// Writes the promises into `generics`: beside the bounds that a parameter has, or else into the where clause.
    pub(crate) fn add_to(&self, generics: &mut Generics) {
        for (ty, markers) in &self.promises {
            let bounds = markers.iter().map(|marker| marker.bound());
            let bounded = generics
                .type_params_mut()
                .find(|param| !param.bounds.is_empty() && is_param(ty, &param.ident));
            if let Some(param) = bounded {
                param
                    .bounds
                    .extend(bounds.map(|bound| -> TypeParamBound { parse_quote!(#bound) }));
            } else {
                let clause = generics.make_where_clause();
                clause.predicates.push(parse_quote!(#ty: #(#bounds)+*));
            }
        }
    }
}

fn same(one: &Type, other: &Type) -> bool {
    one.to_token_stream().to_string() == other.to_token_stream().to_string()
}

fn is_param(ty: &Type, param: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(param))
}

struct Collector<'a> {
    signature: &'a Signature<'a>,
    collected: Demands,
}

impl Collector<'_> {
    fn receiver(&mut self, receiver: &Receiver) {
        let this: Type = parse_quote!(Self);
        if matches!(self.signature.place, Place::Trait) {
            // A generic method without this would make the trait unfit for `dyn`.
            self.promise(&this, Marker::Sized);
        }
        match &receiver.kind {
            ReceiverKind::Value => self.constant(&this, Passing::Cloned),
            ReceiverKind::Typed(_, ty) => self.constant(ty, Passing::of(ty)),
            _ => self.constant(&this, Passing::Shared),
        }
    }

    fn constant(&mut self, ty: &Type, passing: Passing) {
        self.demand(ty, Marker::Sync);
        if passing == Passing::Cloned {
            self.demand(ty, Marker::Clone);
        }
    }

    /// Asks for `marker`, in as plain words as the shape of `ty` allows.
    fn demand(&mut self, ty: &Type, marker: Marker) {
        match (ty, marker) {
            (Type::Group(group), _) => self.demand(&group.elem, marker),
            (Type::Paren(paren), _) => self.demand(&paren.elem, marker),
            (Type::Array(array), _) => self.demand(&array.elem, marker),
            (Type::Slice(slice), _) => self.demand(&slice.elem, marker),
            (Type::Tuple(tuple), _) => tuple.elems.iter().for_each(|ty| self.demand(ty, marker)),
            (Type::Reference(reference), marker) if reference.mutability.is_none() => {
                match marker {
                    Marker::Clone | Marker::Sized => {}
                    Marker::Send | Marker::Sync => self.demand(&reference.elem, Marker::Sync),
                }
            }
            _ if is_opaque(ty)
                || Passing::of(ty) == Passing::Copied && !matches!(ty, Type::Ptr(_)) => {}
            _ if self.signature.is_generic(ty) => self.promise(ty, marker),
            // The body asks for the rest.
            _ => {}
        }
    }

    fn promise(&mut self, ty: &Type, marker: Marker) {
        let promises = &mut self.collected.promises;
        match promises.iter_mut().find(|(known, _)| same(known, ty)) {
            Some((_, markers)) if markers.contains(&marker) => {}
            Some((_, markers)) => markers.push(marker),
            None => promises.push((ty.clone(), vec![marker])),
        }
    }
}

/// Whether there is an `impl Trait` in `ty`, which cannot be spelled again: the bound goes on it where it stands.
fn is_opaque(ty: &Type) -> bool {
    mentions(ty.to_token_stream(), &["impl"])
}

/// The type of a constant in the companion: `&impl Fn()` becomes `&(impl Fn() + Sync)`.
pub(crate) fn constant(param: &Param<'_>) -> Type {
    let mut ty = param.ty.clone();
    if is_opaque(&ty) {
        let owned = matches!(param.role, Role::Constant(Passing::Cloned));
        let clone = owned.then(|| quote!(+ ::core::clone::Clone));
        add_bounds(&mut ty, &quote!(::core::marker::Sync #clone));
    }
    ty
}

/// The type of one result in the companion.
pub(crate) fn result(ty: &Type) -> Type {
    let mut ty = ty.clone();
    if is_opaque(&ty) {
        add_bounds(&mut ty, &quote!(::core::marker::Send));
    }
    ty
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
