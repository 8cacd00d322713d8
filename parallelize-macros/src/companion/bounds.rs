//! `Send`, `Sync` and `Clone`: asked for where the user wrote the type.
//!
//! A type that depends on type parameters gets a where clause. Any other is looked at in the body, so that the signature
//! stays as a person would write it; generated tokens have the place of the type, so that this is what an error shows.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{CapturedParam, Generics, Ident, Type, TypeParamBound, parse_quote, spanned::Spanned};

use super::outcome::Outcome;
use crate::signature::{
    Place, Signature, generics, mentions,
    params::{Param, Passing, Role},
    walk::{Part, walk},
};

/// The place of `node`, for tokens that are ours.
pub(super) fn at(node: &impl Spanned) -> Span {
    Span::mixed_site().located_at(node.span())
}

/// The function that clones a `ty`. That the type is spelled makes an error show there.
pub(super) fn clone(ty: &Type) -> TokenStream {
    let ty = spelled(ty);
    quote!(<#ty as ::core::clone::Clone>::clone)
}

/// `ty`, or `_` where it may not be written again.
pub(super) fn spelled(ty: &Type) -> TokenStream {
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
    fn bound(self) -> TypeParamBound {
        match self {
            Self::Sized => parse_quote!(::core::marker::Sized),
            Self::Clone => parse_quote!(::core::clone::Clone),
            Self::SendItem | Self::SendResult => parse_quote!(::core::marker::Send),
            Self::Sync => parse_quote!(::core::marker::Sync),
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

/// Makes every demand: in `generics`, or by a check for the body.
pub(super) fn demand(
    signature: &Signature<'_>,
    outcome: &Outcome,
    private: &TokenStream,
    generics: &mut Generics,
) -> TokenStream {
    let mut demands = Demands {
        signature,
        private,
        generics,
        checks: TokenStream::new(),
    };
    if let Place::Trait(_) = signature.place {
        // A generic method without this would make the trait unfit for `dyn`.
        generics::promise(
            demands.generics,
            &[],
            &parse_quote!(Self),
            &Demand::Sized.bound(),
        );
    }
    for param in &signature.params {
        let cfgs = param.cfgs().map(ToTokens::to_token_stream).collect();
        match &param.role {
            Role::Varying { rank, .. } => {
                demands.demand(&param.ty, Demand::SendItem, &cfgs);
                if signature.is_reused(*rank) {
                    demands.demand(&param.ty, Demand::Clone, &cfgs);
                }
            }
            Role::Constant(passing) => demands.constant(&param.ty, *passing, &cfgs),
            // What a worker makes for itself stays with it.
            Role::Local(_) => {}
        }
    }
    for part in outcome.parts() {
        demands.demand(part, Demand::SendResult, &TokenStream::new());
        if is_opaque(part) {
            // It may hold whatever the function knows.
            for name in generics::type_names(&signature.generics).collect::<Vec<_>>() {
                let name = Ident::new(&name, Span::mixed_site());
                let bound = Demand::SendResult.bound();
                generics::promise(demands.generics, &[], &parse_quote!(#name), &bound);
            }
        }
    }
    demands.checks
}

struct Demands<'a> {
    signature: &'a Signature<'a>,
    private: &'a TokenStream,
    generics: &'a mut Generics,
    checks: TokenStream,
}

impl Demands<'_> {
    fn constant(&mut self, ty: &Type, passing: Passing, cfgs: &TokenStream) {
        self.demand(ty, Demand::Sync, cfgs);
        if passing == Passing::Cloned {
            self.demand(ty, Demand::Clone, cfgs);
        }
    }

    /// Makes `demand` in as plain words as the shape of `ty` allows.
    fn demand(&mut self, ty: &Type, demand: Demand, cfgs: &TokenStream) {
        match (ty, demand) {
            (Type::Group(group), _) => self.demand(&group.elem, demand, cfgs),
            (Type::Paren(paren), _) => self.demand(&paren.elem, demand, cfgs),
            (Type::Array(array), _) => self.demand(&array.elem, demand, cfgs),
            (Type::Slice(slice), _) => self.demand(&slice.elem, demand, cfgs),
            (Type::Tuple(tuple), _) => tuple
                .elems
                .iter()
                .for_each(|ty| self.demand(ty, demand, cfgs)),
            (Type::Reference(reference), _) if reference.mutability.is_none() => match demand {
                Demand::Sized | Demand::Clone => {}
                Demand::SendItem | Demand::SendResult | Demand::Sync => {
                    self.demand(&reference.elem, Demand::Sync, cfgs);
                }
            },
            (Type::Path(_) | Type::FnPtr(_), _) if Passing::of(ty) == Passing::Copied => {}
            _ if is_opaque(ty) => {}
            _ if self.signature.is_generic(ty) => self.promise(ty, demand),
            _ => self.check(ty, demand, cfgs),
        }
    }

    /// Has a where clause promise it.
    fn promise(&mut self, ty: &Type, demand: Demand) {
        let (any, ty) = if demand == Demand::Clone {
            (Vec::new(), ty.clone())
        } else {
            self.signature.for_any(ty)
        };
        generics::promise(self.generics, &any, &ty, &demand.bound());
    }

    fn check(&mut self, ty: &Type, demand: Demand, cfgs: &TokenStream) {
        if let Some(check) = demand.check() {
            let span = at(ty);
            let check = Ident::new(check, span);
            let private = self.private;
            self.checks
                .extend(quote_spanned!(span=> #cfgs #private::#check::<#ty>();));
        }
    }
}

/// Whether there is an `impl Trait` in `ty`, which cannot be spelled again: the bound goes on it where it stands.
fn is_opaque(ty: &Type) -> bool {
    mentions(ty.to_token_stream(), &["impl"])
}

/// The type of a constant in the companion: `&impl Fn()` becomes `&(impl Fn() + Sync)`.
pub(super) fn constant(param: &Param<'_>) -> Type {
    let mut ty = param.ty.clone();
    if is_opaque(&ty) {
        let owned = matches!(param.role, Role::Constant(Passing::Cloned));
        let clone = owned.then(|| quote!(+ ::core::clone::Clone));
        add_bounds(&mut ty, &quote!(::core::marker::Sync #clone));
    }
    ty
}

/// The type of one result in the companion, for which `sources` are further type parameters.
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

/// Adds to `use<..>` the type parameters that the companion has beyond those of the function: all have to be there.
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
