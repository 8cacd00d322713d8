//! Demands `Send`, `Sync` and `Clone` where the user wrote the type.
//!
//! A type that depends on type parameters gets a where clause. Any other is checked in the body, so
//! that the signature stays as a person would write it. The tokens of a check have the place of the
//! type, so that an error shows there.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Generics, Ident, Type, TypeParamBound, parse_quote};

use super::{opaque, tokens::at};
use crate::signature::{
    Place, Signature, generics,
    opaque::{is_opaque, without_send},
    params::{Param, Passing, Role},
};

/// Makes all demands: adds bounds to `generics`, and returns checks for the body.
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
    // If the file cannot be read, what looks like an impl may be a trait.
    if let Place::Trait(_) | Place::Impl(None) = signature.place {
        // Without this, a generic method would keep the trait from being `dyn`.
        demands.add_bound(&parse_quote!(Self), &parse_quote!(::core::marker::Sized));
    }
    for param in &signature.params {
        demands.param(param);
    }
    for part in results {
        demands.demand(part, Trait::Send, Origin::Result);
        if !without_send(part).is_empty() {
            demands.opaque_result();
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

/// The origin of a type.
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
            // They stay with their worker.
            Role::Local(_) | Role::Each(_) => {}
        }
    }

    /// Demands `what` of the innermost types on which it depends.
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
            _ if has_all_traits(ty) || is_opaque(ty) => {}
            // A bound would have to spell the lifetime that the reference to it implies. And no
            // type parameter decides about an object.
            Type::TraitObject(_) => self.check(ty, what, origin),
            _ if self.signature.is_generic(ty) => {
                let (any, ty) = match what {
                    Trait::Clone => (Vec::new(), ty.clone()),
                    Trait::Send | Trait::Sync => self.signature.for_any_lifetimes(ty),
                };
                generics::add_bound(self.generics, &any, &ty, &what.bound());
            }
            _ => self.check(ty, what, origin),
        }
    }

    /// Demands what an opaque result has to hold to be `Send`.
    fn opaque_result(&mut self) {
        for held in opaque::held(self.signature) {
            let (any, ty) = self.signature.for_any_lifetimes(&held.ty);
            let mut add = |what: Trait| {
                generics::add_bound(self.generics, &any, &ty, &what.bound());
            };
            add(Trait::Send);
            if held.is_shared {
                add(Trait::Sync);
            }
        }
    }

    fn add_bound(&mut self, ty: &Type, bound: &TypeParamBound) {
        generics::add_bound(self.generics, &[], ty, bound);
    }

    /// Adds a check to the body, unless the call into the runtime demands the same anyway.
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

/// Returns whether `ty` has all three traits, judged by its name. If the name misleads, the call
/// into the runtime does not compile.
fn has_all_traits(ty: &Type) -> bool {
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
