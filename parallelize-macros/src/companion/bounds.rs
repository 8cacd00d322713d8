//! `Send`, `Sync` and `Clone`: asked for where the user wrote the type.
//!
//! A type that depends on type parameters gets a where clause. Any other is looked at in the body, so that the signature
//! stays as a person would write it; generated tokens have the place of the type, so that this is what an error shows.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{CapturedParam, Generics, Ident, Type, TypeParamBound, parse_quote};

use super::tokens::{at, is_opaque};
use crate::signature::{
    Place, Signature, generics, names,
    params::{Param, Passing, Role},
    walk::{Part, walk},
};

/// Makes every demand: in `generics`, or by a check for the body.
pub(super) fn demand<'t>(
    signature: &Signature<'_>,
    results: impl Iterator<Item = &'t Type>,
    private: &TokenStream,
    generics: &mut Generics,
) -> TokenStream {
    let mut demands = Demands {
        signature,
        private,
        generics,
        checks: TokenStream::new(),
    };
    // What looks like an impl may be a trait where the file cannot be read.
    if let Place::Trait(_) | Place::Impl(None) = signature.place {
        // A generic method without this would make the trait unfit for `dyn`.
        demands.promise(&parse_quote!(Self), &parse_quote!(::core::marker::Sized));
    }
    for param in &signature.params {
        demands.param(param);
    }
    for part in results {
        demands.demand(part, Trait::Send, Origin::Result);
        if is_opaque(part) {
            // It may hold whatever the function knows.
            for name in generics::type_names(&signature.generics) {
                let name = names::ident(&name, Span::mixed_site());
                demands.promise(&parse_quote!(#name), &Trait::Send.bound());
            }
        }
    }
    demands.checks
}

#[derive(Clone, Copy, PartialEq)]
enum Trait {
    Clone,
    Send,
    Sync,
}

impl Trait {
    fn bound(self) -> TypeParamBound {
        match self {
            Self::Clone => parse_quote!(::core::clone::Clone),
            Self::Send => parse_quote!(::core::marker::Send),
            Self::Sync => parse_quote!(::core::marker::Sync),
        }
    }
}

/// Whose type it is that something is demanded of.
#[derive(Clone, Copy)]
enum Origin<'p> {
    Item(&'p Param<'p>),
    Constant(&'p Param<'p>),
    Result,
}

struct Demands<'a> {
    signature: &'a Signature<'a>,
    private: &'a TokenStream,
    generics: &'a mut Generics,
    checks: TokenStream,
}

impl Demands<'_> {
    fn param(&mut self, param: &Param<'_>) {
        match &param.role {
            Role::Varying { rank, .. } => {
                self.demand(&param.ty, Trait::Send, Origin::Item(param));
                if self.signature.is_reused(*rank) {
                    self.demand(&param.ty, Trait::Clone, Origin::Item(param));
                }
            }
            Role::Constant(passing) => {
                self.demand(&param.ty, Trait::Sync, Origin::Constant(param));
                if *passing == Passing::Cloned {
                    self.demand(&param.ty, Trait::Clone, Origin::Constant(param));
                }
            }
            // What a worker makes for itself stays with it.
            Role::Local(_) => {}
        }
    }

    /// Demands `what` in as plain words as the shape of `ty` allows.
    fn demand(&mut self, ty: &Type, what: Trait, origin: Origin<'_>) {
        match ty {
            Type::Group(group) => self.demand(&group.elem, what, origin),
            Type::Paren(paren) => self.demand(&paren.elem, what, origin),
            Type::Array(array) => self.demand(&array.elem, what, origin),
            Type::Slice(slice) => self.demand(&slice.elem, what, origin),
            Type::Tuple(tuple) => tuple
                .elems
                .iter()
                .for_each(|ty| self.demand(ty, what, origin)),
            Type::Reference(reference) if reference.mutability.is_none() => {
                if what != Trait::Clone {
                    self.demand(&reference.elem, Trait::Sync, origin);
                }
            }
            _ if is_plain(ty) || is_opaque(ty) => {}
            _ if self.signature.is_generic(ty) => {
                let (any, ty) = match what {
                    Trait::Clone => (Vec::new(), ty.clone()),
                    Trait::Send | Trait::Sync => self.signature.for_any(ty),
                };
                generics::promise(self.generics, &any, &ty, &what.bound());
            }
            _ => self.check(ty, what, origin),
        }
    }

    fn promise(&mut self, ty: &Type, bound: &TypeParamBound) {
        generics::promise(self.generics, &[], ty, bound);
    }

    /// Has the body ask for it, unless it does so anyway.
    fn check(&mut self, ty: &Type, what: Trait, origin: Origin<'_>) {
        let (check, param) = match (origin, what) {
            (Origin::Item(param), Trait::Send) => ("item_moves_between_threads", param),
            (Origin::Item(param), Trait::Sync) => ("item_is_shared_by_threads", param),
            (Origin::Constant(param), Trait::Sync) => ("constant_is_shared_by_threads", param),
            _ => return,
        };
        let (cfgs, span, private) = (param.cfgs(), at(ty), self.private);
        let check = Ident::new(check, span);
        self.checks
            .extend(quote_spanned!(span=> #(#cfgs)* #private::#check::<#ty>();));
    }
}

/// Whether `ty` goes everywhere, as far as its name tells. If it misleads, the engine complains.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            Passing::of(ty) == Passing::Copied
                || path.path.is_ident("str")
                || path.path.is_ident("String")
        }
        Type::FnPtr(_) => true,
        _ => false,
    }
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
