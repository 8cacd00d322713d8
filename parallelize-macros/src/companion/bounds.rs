//! `Send`, `Sync` and `Clone`: asked for where the user wrote the type.
//!
//! A type that depends on type parameters gets a where clause. Any other is looked at in the body, so that the signature
//! stays as a person would write it; generated tokens have the place of the type, so that this is what an error shows.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Generics, Ident, Lifetime, Receiver, ReceiverKind, Type, TypeParamBound, parse_quote,
    spanned::Spanned,
};

use crate::signature::{
    Place, Signature, lifetimes, mentions,
    params::{Param, Passing, Role},
    walk::{Part, walk},
};

pub(crate) struct Demands {
    /// Types that a where clause has to promise something about.
    promises: Vec<(Type, Vec<Demand>)>,
    elided: Lifetime,
    pub(crate) checks: TokenStream,
}

/// The place of `node`, for tokens that are ours.
pub(crate) fn at(node: &impl Spanned) -> Span {
    Span::mixed_site().located_at(node.span())
}

/// A clone of the constant `name`. That its type is spelled makes an error show there.
pub(crate) fn cloned(name: &impl ToTokens, ty: &Type) -> TokenStream {
    let ty = spelled(ty);
    quote!(<#ty as ::core::clone::Clone>::clone(&#name))
}

/// `ty`, or `_` where it may not be written again.
pub(crate) fn spelled(ty: &Type) -> TokenStream {
    if is_opaque(ty) {
        quote!(_)
    } else {
        ty.to_token_stream()
    }
}

/// What is demanded of a type, and by what.
#[derive(Clone, Copy, PartialEq)]
enum Demand {
    Sized,
    Clone,
    SendItem,
    SendResult,
    Sync,
}

impl Demand {
    fn bound(self) -> TokenStream {
        match self {
            Self::Sized => quote!(::core::marker::Sized),
            Self::Clone => quote!(::core::clone::Clone),
            Self::SendItem | Self::SendResult => quote!(::core::marker::Send),
            Self::Sync => quote!(::core::marker::Sync),
        }
    }

    /// The function that checks it, where the body does not ask for it anyway.
    fn check(self) -> Option<&'static str> {
        match self {
            Self::Sized | Self::Clone | Self::SendResult => None,
            Self::SendItem => Some("item_moves_between_threads"),
            Self::Sync => Some("constant_is_shared_by_threads"),
        }
    }
}

impl Demands {
    pub(crate) fn of(signature: &Signature<'_>, private: &TokenStream) -> Self {
        let mut demands = Collector {
            signature,
            private,
            collected: Self {
                promises: Vec::new(),
                elided: signature.elided.clone(),
                checks: TokenStream::new(),
            },
        };
        if let Some(receiver) = signature.source.signature.receiver() {
            demands.receiver(receiver);
        }
        for param in &signature.params {
            match &param.role {
                Role::Varying { .. } => demands.demand(&param.ty, Demand::SendItem),
                Role::Constant(passing) => demands.constant(&param.ty, *passing),
            }
        }
        if let Some(output) = &signature.output {
            demands.demand(output, Demand::SendResult);
        }
        demands.collected
    }

    /// Writes the promises into `generics`: beside the bounds that a parameter has, or else into the where clause.
    pub(crate) fn add_to(&self, generics: &mut Generics) {
        let elided = &self.elided;
        for (ty, demands) in &self.promises {
            let bounds = demands.iter().map(|demand| demand.bound());
            let bounded = generics
                .type_params_mut()
                .find(|param| !param.bounds.is_empty() && is_param(ty, &param.ident));
            if let Some(param) = bounded {
                param
                    .bounds
                    .extend(bounds.map(|bound| -> TypeParamBound { parse_quote!(#bound) }));
            } else {
                let for_any = mentions(ty.to_token_stream(), &[&elided.ident.to_string()])
                    .then(|| quote!(for<#elided>));
                let clause = generics.make_where_clause();
                clause
                    .predicates
                    .push(parse_quote!(#for_any #ty: #(#bounds)+*));
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
    private: &'a TokenStream,
    collected: Demands,
}

impl Collector<'_> {
    fn receiver(&mut self, receiver: &Receiver) {
        let this = self_type(receiver);
        if matches!(self.signature.place, Place::Trait) {
            // A generic method without this would make the trait unfit for `dyn`.
            self.promise(&parse_quote!(Self), Demand::Sized);
        }
        let passing = match &receiver.kind {
            ReceiverKind::Reference(..) => Passing::Shared,
            _ => Passing::of(&this),
        };
        self.constant(&this, passing);
    }

    fn constant(&mut self, ty: &Type, passing: Passing) {
        self.demand(ty, Demand::Sync);
        if passing == Passing::Cloned {
            self.demand(ty, Demand::Clone);
        }
    }

    /// Makes `demand` in as plain words as the shape of `ty` allows.
    fn demand(&mut self, ty: &Type, demand: Demand) {
        match (ty, demand) {
            (Type::Group(group), _) => self.demand(&group.elem, demand),
            (Type::Paren(paren), _) => self.demand(&paren.elem, demand),
            (Type::Array(array), _) => self.demand(&array.elem, demand),
            (Type::Slice(slice), _) => self.demand(&slice.elem, demand),
            (Type::Tuple(tuple), _) => tuple.elems.iter().for_each(|ty| self.demand(ty, demand)),
            (Type::Reference(reference), _) if reference.mutability.is_none() => match demand {
                Demand::Sized | Demand::Clone => {}
                Demand::SendItem | Demand::SendResult | Demand::Sync => {
                    self.demand(&reference.elem, Demand::Sync);
                }
            },
            (Type::Path(_) | Type::FnPtr(_), _) if Passing::of(ty) == Passing::Copied => {}
            _ if is_opaque(ty) => {}
            _ if self.signature.is_generic(ty) => self.promise(ty, demand),
            _ => self.check(ty, demand),
        }
    }

    fn promise(&mut self, ty: &Type, demand: Demand) {
        let mut ty = ty.clone();
        lifetimes::name_elided(&mut ty, &mut || self.signature.elided.clone());
        let bound = demand.bound().to_string();
        let promises = &mut self.collected.promises;
        match promises.iter_mut().find(|(known, _)| same(known, &ty)) {
            Some((_, demands))
                if demands
                    .iter()
                    .any(|known| known.bound().to_string() == bound) => {}
            Some((_, demands)) => demands.push(demand),
            None => promises.push((ty, vec![demand])),
        }
    }

    fn check(&mut self, ty: &Type, demand: Demand) {
        if let Some(check) = demand.check() {
            let span = at(ty);
            let check = Ident::new(check, span);
            let private = self.private;
            self.collected
                .checks
                .extend(quote_spanned!(span=> #private::#check::<#ty>();));
        }
    }
}

/// `Self`, standing where the receiver stands.
pub(crate) fn self_type(receiver: &Receiver) -> Type {
    if let ReceiverKind::Typed(_, ty) = &receiver.kind {
        return (**ty).clone();
    }
    let this = Ident::new("Self", receiver.self_token.span);
    parse_quote!(#this)
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
