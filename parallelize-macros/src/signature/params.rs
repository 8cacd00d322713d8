//! The arguments: which vary, how the others reach every call, and their names in the companion.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, Expr, FnArg, Ident, Pat, ReceiverKind, Token, Type, TypeReference, ext::IdentExt,
    parse_quote, spanned::Spanned,
};

use super::{
    lifetimes,
    names::Names,
    source::SourceFn,
    walk::{Part, walk},
    words::uses,
};
use crate::{errors::Errors, options::Options};

pub(crate) struct Param<'a> {
    pub(crate) argument: &'a FnArg,
    /// The name of the companion's argument.
    pub(crate) name: Ident,
    /// The type of the function's argument, with names for what may not stay elided.
    pub(crate) ty: Type,
    pub(crate) role: Role<'a>,
}

pub(crate) enum Role<'a> {
    /// Each call gets one item of the iterable `source`, a type parameter. `rank` is its place
    /// among the arguments that vary.
    Varying {
        source: Ident,
        rank: usize,
    },
    Constant(Passing),
    /// Each worker makes its own with this expression.
    Local(Option<&'a Expr>),
    /// This closure makes one for each item.
    Each(Option<&'a Expr>),
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Passing {
    /// A reference, which all calls share.
    Shared,
    /// A number or another `Copy` type without lifetimes.
    Copied,
    /// An owned value, of which every call gets a clone.
    Cloned,
}

impl Param<'_> {
    pub(crate) fn is_varying(&self) -> bool {
        matches!(self.role, Role::Varying { .. })
    }

    /// Returns whether items may also be references to what owns what the function borrows.
    pub(crate) fn accepts_owners(&self) -> bool {
        let Some(reference) = reference(&self.ty).filter(|_| self.is_varying()) else {
            return false;
        };
        let is_borrowed_form = match &*reference.elem {
            Type::Slice(_) => true,
            Type::Path(path) if path.qself.is_some() => false,
            Type::Path(path) => path.path.segments.last().is_some_and(|last| {
                let names = ["str", "Path", "OsStr", "CStr"];
                names.iter().any(|name| last.ident == name) && last.arguments.is_none()
            }),
            _ => false,
        };
        is_borrowed_form && reference.mutability.is_none()
    }

    pub(crate) fn is_constant(&self) -> bool {
        matches!(self.role, Role::Constant(_))
    }

    /// Returns whether each call gets a clone of it.
    pub(crate) fn is_cloned(&self) -> bool {
        matches!(self.role, Role::Constant(Passing::Cloned))
    }

    /// Returns the `cfg`s on it. The companion's argument has them, too.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        let attrs = match self.argument {
            FnArg::Receiver(receiver) => &receiver.attrs,
            FnArg::Typed(argument) => &argument.attrs,
        };
        attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }
}

impl Passing {
    pub(crate) fn of(ty: &Type) -> Self {
        match ty {
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::Reference(_) => Self::Shared,
            Type::Path(path) if path.path.get_ident().is_some_and(is_number) => Self::Copied,
            Type::FnPtr(_) | Type::Ptr(_) => Self::Copied,
            _ => Self::Cloned,
        }
    }
}

pub(super) fn is_number(ident: &Ident) -> bool {
    let name = ident.to_string();
    let widths = ["8", "16", "32", "64", "128", "size"];
    name == "bool"
        || name == "char"
        || name
            .strip_prefix(['i', 'u', 'f'])
            .is_some_and(|width| widths.contains(&width))
}

/// The names of the type parameters that stand for varying arguments.
pub(crate) const SOURCE_NAMES: [&str; 6] = ["I", "J", "K", "L", "M", "N"];

/// The role that the options assign to an argument.
pub(crate) enum Assigned<'a> {
    Varying(usize),
    Constant,
    Local(Option<&'a Expr>),
    Each(Option<&'a Expr>),
}

/// Returns the role of each argument in turn.
pub(crate) fn roles<'a>(
    options: &'a Options,
    source: &SourceFn,
    errors: &mut Errors,
) -> Vec<Assigned<'a>> {
    let inputs = &source.signature.inputs;
    let function = &source.signature.ident;
    for name in options.names() {
        if !inputs.iter().any(|input| is_named(input, name)) {
            errors.push(name, format!("`{function}` has no argument named `{name}`"));
        }
    }
    let varying = options.varying();
    // Without an option, the first argument that can vary varies.
    let default = inputs.iter().position(|input| {
        matches!(input, FnArg::Typed(_))
            && options.local(|name| is_named(input, name)).is_none()
            && options.each(|name| is_named(input, name)).is_none()
    });
    if varying.is_none() && default.is_none() {
        errors.push(
            function,
            "no argument varies; add one, or vary `self` with `over(self)`",
        );
    }
    let roles = inputs.iter().enumerate().map(|(position, input)| {
        let rank = match varying {
            Some(names) => names.iter().position(|name| is_named(input, name)),
            None => (default == Some(position)).then_some(0),
        };
        if let Some(rank) = rank {
            Assigned::Varying(rank)
        } else if let Some(value) = options.local(|name| is_named(input, name)) {
            Assigned::Local(value.as_ref())
        } else if let Some(value) = options.each(|name| is_named(input, name)) {
            Assigned::Each(value.as_ref())
        } else {
            Assigned::Constant
        }
    });
    roles.collect()
}

/// Returns whether options refer to the argument as `name`.
fn is_named(argument: &FnArg, name: &Ident) -> bool {
    match argument {
        FnArg::Receiver(_) => name == "self",
        FnArg::Typed(argument) => {
            matches!(&*argument.pat, Pat::Ident(pat) if pat.ident.unraw() == name.unraw())
        }
    }
}

/// Reserves the words that the argument brings into the companion: those of its type, and its name
/// if it has one.
pub(crate) fn reserve(argument: &FnArg, names: &mut Names) {
    names.reserve(type_of(argument).to_token_stream());
    if let FnArg::Typed(argument) = argument {
        if let Pat::Ident(pat) = &*argument.pat {
            names.reserve(pat.ident.to_token_stream());
        }
    }
}

/// Returns the companion's name for an argument of `function`. For a pattern, the name joins those
/// of the variables. `expressions` may use the name.
pub(crate) fn name(
    argument: &FnArg,
    function: &Ident,
    expressions: &TokenStream,
    names: &mut Names,
) -> Ident {
    let pat = match argument {
        FnArg::Receiver(receiver) => return Ident::new("self", receiver.self_token.span),
        FnArg::Typed(argument) => &*argument.pat,
    };
    match pat {
        Pat::Ident(pat) if pat.ident == *function => {
            // With the user's span, the argument would hide the function.
            let mut name = pat.ident.clone();
            name.set_span(Span::mixed_site().located_at(name.span()));
            name
        }
        Pat::Ident(pat) if pat.subpat.is_none() => {
            let is_used = |name: &str| uses(expressions.clone(), name);
            // The underscore marks an argument that the function does not use. The companion and
            // the expressions use it.
            match pat.ident.to_string().strip_prefix('_') {
                Some(base) if base.starts_with(char::is_alphabetic) => {
                    if is_used(&pat.ident.to_string()) {
                        pat.ident.clone()
                    } else if is_used(base) {
                        names.invent(base, pat.ident.span())
                    } else {
                        names.invent(base, Span::mixed_site().located_at(pat.ident.span()))
                    }
                }
                _ => pat.ident.clone(),
            }
        }
        pat => {
            let mut bound = Vec::new();
            bindings(pat, &mut bound);
            let base = if bound.is_empty() {
                "unused".to_owned()
            } else {
                bound.join("_")
            };
            names.invent(&base, Span::mixed_site().located_at(pat.span()))
        }
    }
}

/// Appends the variables of `pat` to `bound`.
fn bindings(pat: &Pat, bound: &mut Vec<String>) {
    match pat {
        Pat::Ident(pat) => bound.push(pat.ident.unraw().to_string()),
        Pat::Paren(pat) => bindings(&pat.pat, bound),
        Pat::Reference(pat) => bindings(&pat.pat, bound),
        Pat::Slice(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bound)),
        Pat::Struct(pat) => pat
            .fields
            .iter()
            .for_each(|field| bindings(&field.pat, bound)),
        Pat::Tuple(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bound)),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(|pat| bindings(pat, bound)),
        _ => {}
    }
}

/// Returns the type of the argument, also of `&self`.
pub(crate) fn type_of(argument: &FnArg) -> Type {
    let receiver = match argument {
        FnArg::Typed(argument) => return (*argument.ty).clone(),
        FnArg::Receiver(receiver) => receiver,
    };
    // Errors about the type show where `self` stands.
    let this = Ident::new("Self", receiver.self_token.span);
    match &receiver.kind {
        ReceiverKind::Reference(and, lifetime, mutability) => {
            parse_quote!(#and #lifetime #mutability #this)
        }
        ReceiverKind::Typed(_, ty) => (**ty).clone(),
        _ => parse_quote!(#this),
    }
}

/// Returns the position of the argument from which an elided lifetime in the result comes: `self`
/// if it is a reference, or else the one with a lifetime. One that varies has had it named.
pub(crate) fn elision_owner(params: &[Param<'_>]) -> Option<usize> {
    let is_borrowed_self = |param: &Param<'_>| {
        matches!(param.argument, FnArg::Receiver(_)) && has_reference(&param.ty)
    };
    if params.first().is_some_and(is_borrowed_self) {
        return Some(0);
    }
    let has_lifetime = |param: &Param<'_>| {
        lifetimes::first_named(&param.ty).is_some() || lifetimes::has_elided(&param.ty)
    };
    let varying = params
        .iter()
        .position(|param| param.is_varying() && lifetimes::first_named(&param.ty).is_some());
    varying.or_else(|| params.iter().position(has_lifetime))
}

/// Returns whether a constant may have a type with lifetimes that it does not show.
pub(crate) fn may_hide_lifetimes(params: &[Param<'_>]) -> bool {
    let is_number = |param: &Param<'_>| matches!(param.role, Role::Constant(Passing::Copied));
    params
        .iter()
        .any(|param| !param.is_varying() && !is_number(param))
}

/// Returns the type `&T` or `&mut T`, if `ty` is one.
pub(crate) fn reference(ty: &Type) -> Option<&TypeReference> {
    match ty {
        Type::Group(group) => reference(&group.elem),
        Type::Paren(paren) => reference(&paren.elem),
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// Returns the `mut` of a type `&mut T`.
pub(crate) fn reference_mut(ty: &Type) -> Option<&Token![mut]> {
    reference(ty)?.mutability.as_ref()
}

/// Returns the number of shared references at the start of `ty`, and the type behind them.
pub(crate) fn referent(ty: &Type) -> (usize, &Type) {
    match ty {
        Type::Group(group) => referent(&group.elem),
        Type::Paren(paren) => referent(&paren.elem),
        Type::Reference(reference) if reference.mutability.is_none() => {
            let (references, ty) = referent(&reference.elem);
            (references + 1, ty)
        }
        _ => (0, ty),
    }
}

fn has_reference(ty: &Type) -> bool {
    let mut found = false;
    walk(&mut ty.clone(), &mut |part| {
        found |= matches!(part, Part::Type(Type::Reference(_)));
    });
    found
}
