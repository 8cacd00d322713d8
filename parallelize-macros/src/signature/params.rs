//! The arguments: which vary, how the others reach every call, and what each is named in the companion.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    Attribute, Expr, FnArg, Ident, Pat, ReceiverKind, Token, Type, ext::IdentExt, parse_quote,
    spanned::Spanned,
};

use super::{
    lifetimes,
    names::Names,
    source::SourceFn,
    walk::{Part, walk},
};
use crate::{errors::Errors, options::Options};

pub(crate) struct Param<'a> {
    pub(crate) argument: &'a FnArg,
    /// What the companion calls it.
    pub(crate) name: Ident,
    /// The type of the function's argument, with the names it needs in the companion.
    pub(crate) ty: Type,
    pub(crate) role: Role<'a>,
}

pub(crate) enum Role<'a> {
    /// Each call gets one value out of `source`, a generic type. `rank` is its place among all that vary.
    Varying {
        source: Ident,
        rank: usize,
    },
    Constant(Passing),
    /// Each worker makes its own out of this expression.
    Local(Option<&'a Expr>),
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Passing {
    /// A reference: every call gets the same.
    Shared,
    /// A number or the like.
    Copied,
    /// Owned: every call gets a clone.
    Cloned,
}

impl Param<'_> {
    pub(crate) fn is_varying(&self) -> bool {
        matches!(self.role, Role::Varying { .. })
    }

    pub(crate) fn is_constant(&self) -> bool {
        matches!(self.role, Role::Constant(_))
    }

    /// Whether each call gets a clone of it.
    pub(crate) fn is_cloned(&self) -> bool {
        matches!(self.role, Role::Constant(Passing::Cloned))
    }

    /// The `cfg`s on it, which hold for the companion's argument too.
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

fn is_number(ident: &Ident) -> bool {
    let name = ident.to_string();
    let widths = ["8", "16", "32", "64", "128", "size"];
    name == "bool"
        || name == "char"
        || name
            .strip_prefix(['i', 'u', 'f'])
            .is_some_and(|width| widths.contains(&width))
}

/// The names of the generic types that varying arguments get.
pub(crate) const SOURCES: [&str; 6] = ["I", "J", "K", "L", "M", "N"];

/// What the options ask of an argument.
pub(crate) enum Asked<'a> {
    Varying(usize),
    Constant,
    Local(Option<&'a Expr>),
}

/// What is asked of each argument in turn.
pub(crate) fn roles<'a>(
    options: &'a Options,
    source: &SourceFn,
    errors: &mut Errors,
) -> Vec<Asked<'a>> {
    let inputs = &source.signature.inputs;
    let function = &source.signature.ident;
    for name in options.names() {
        if !inputs.iter().any(|input| is_called(input, name)) {
            errors.push(name, format!("`{function}` has no argument named `{name}`"));
        }
    }
    let varying = options.varying();
    // Without an option it is the first that can be.
    let default = inputs.iter().position(|input| {
        matches!(input, FnArg::Typed(_)) && options.local(|name| is_called(input, name)).is_none()
    });
    if varying.is_none() && default.is_none() {
        errors.push(
            function,
            "nothing varies here; give it an argument, or vary `self` with `over(self)`",
        );
    }
    let roles = inputs.iter().enumerate().map(|(position, input)| {
        let rank = match varying {
            Some(names) => names.iter().position(|name| is_called(input, name)),
            None => (default == Some(position)).then_some(0),
        };
        match (rank, options.local(|name| is_called(input, name))) {
            (Some(rank), _) => Asked::Varying(rank),
            (None, Some(value)) => Asked::Local(value.as_ref()),
            (None, None) => Asked::Constant,
        }
    });
    roles.collect()
}

/// Whether `name` is how options call the argument.
fn is_called(argument: &FnArg, name: &Ident) -> bool {
    match argument {
        FnArg::Receiver(_) => name == "self",
        FnArg::Typed(argument) => {
            matches!(&*argument.pat, Pat::Ident(pat) if pat.ident.unraw() == name.unraw())
        }
    }
}

/// Keeps what the argument brings into the companion from being invented: its type, and its name if it has one.
pub(crate) fn reserve(argument: &FnArg, names: &mut Names) {
    names.reserve(ty(argument).to_token_stream());
    if let FnArg::Typed(argument) = argument {
        if let Pat::Ident(pat) = &*argument.pat {
            names.reserve(pat.ident.to_token_stream());
        }
    }
}

/// The name of the argument of `function`; for a pattern, what it binds.
pub(crate) fn name(argument: &FnArg, function: &Ident, is_used: bool, names: &mut Names) -> Ident {
    let pat = match argument {
        FnArg::Receiver(receiver) => return Ident::new("self", receiver.self_token.span),
        FnArg::Typed(argument) => &*argument.pat,
    };
    match pat {
        Pat::Ident(pat) if pat.ident == *function => {
            // With the user's span, it would hide the function.
            let mut name = pat.ident.clone();
            name.set_span(Span::mixed_site().located_at(name.span()));
            name
        }
        // The expression of a local may use this name.
        Pat::Ident(pat) if pat.subpat.is_none() && is_used => pat.ident.clone(),
        Pat::Ident(pat) if pat.subpat.is_none() => {
            // The companion does use it, so the underscore of an unused argument would be wrong.
            match pat.ident.to_string().strip_prefix('_') {
                Some(base) if base.starts_with(char::is_alphabetic) => {
                    names.invent(base, Span::mixed_site().located_at(pat.ident.span()))
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

/// The type of the argument, which `&self` has too.
pub(crate) fn ty(argument: &FnArg) -> Type {
    let receiver = match argument {
        FnArg::Typed(argument) => return (*argument.ty).clone(),
        FnArg::Receiver(receiver) => receiver,
    };
    // Errors about it are to show where `self` stands.
    let this = Ident::new("Self", receiver.self_token.span);
    match &receiver.kind {
        ReceiverKind::Reference(and, lifetime, mutability) => {
            parse_quote!(#and #lifetime #mutability #this)
        }
        ReceiverKind::Typed(_, ty) => (**ty).clone(),
        _ => parse_quote!(#this),
    }
}

/// The argument whose lifetime an elided one in the result may be that of: `self` if it is a reference, or else one
/// that varies. Among the constants elision finds it without help.
pub(crate) fn lender<'p, 'a>(params: &'p [Param<'a>]) -> Option<&'p Param<'a>> {
    let is_borrowed_self = |param: &&Param<'_>| {
        matches!(param.argument, FnArg::Receiver(_)) && has_reference(&param.ty)
    };
    let varying = || {
        params
            .iter()
            .find(|param| param.is_varying() && lifetimes::first_named(&param.ty).is_some())
    };
    params.first().filter(is_borrowed_self).or_else(varying)
}

/// The `mut` of a type `&mut T`.
pub(crate) fn exclusive(ty: &Type) -> Option<&Token![mut]> {
    match ty {
        Type::Group(group) => exclusive(&group.elem),
        Type::Paren(paren) => exclusive(&paren.elem),
        Type::Reference(reference) => reference.mutability.as_ref(),
        _ => None,
    }
}

/// What is behind the shared references that `ty` begins with, and how many they are.
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
