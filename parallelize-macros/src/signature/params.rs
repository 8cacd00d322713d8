//! The arguments: which varies, how the others reach every item, and what each is called in the companion.

use proc_macro2::Span;
use syn::{Attribute, Ident, Pat, PatType, Type, ext::IdentExt, spanned::Spanned};

use super::names::Names;

pub(crate) struct Param<'a> {
    pub(crate) source: &'a PatType,
    /// What the companion calls it.
    pub(crate) name: Ident,
    /// The type of the function's argument, with the names it needs in the companion.
    pub(crate) ty: Type,
    pub(crate) role: Role,
}

impl Param<'_> {
    pub(crate) fn is_varying(&self) -> bool {
        matches!(self.role, Role::Varying { .. })
    }

    /// The `cfg`s on it, which hold for the companion's argument too.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.source
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg"))
    }
}

pub(crate) enum Role {
    /// Gives one value to each item; the generic type of what it is taken from.
    Varying {
        source: Ident,
    },
    Constant(Passing),
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Passing {
    /// A reference: every item gets the same.
    Shared,
    /// A number or the like.
    Copied,
    /// Owned: every item gets a clone.
    Cloned,
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

/// `T` of `&&T`.
pub(crate) fn behind_references(mut ty: &mut Type) -> &mut Type {
    loop {
        ty = match ty {
            Type::Group(group) => &mut group.elem,
            Type::Paren(paren) => &mut paren.elem,
            Type::Reference(reference) => &mut reference.elem,
            ty => return ty,
        }
    }
}

fn is_number(ident: &Ident) -> bool {
    let name = ident.to_string();
    ["bool", "char"].contains(&name.as_str())
        || name
            .strip_prefix(['i', 'u', 'f'])
            .is_some_and(|width| ["8", "16", "32", "64", "128", "size"].contains(&width))
}

/// The name of the argument; for a pattern, what it binds.
pub(crate) fn name(argument: &PatType, names: &mut Names) -> Ident {
    match &*argument.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => {
            // The companion does use it, so the underscore of an unused argument would be wrong.
            let used = pat.ident.to_string();
            match used.strip_prefix('_') {
                Some(base) if base.starts_with(char::is_alphabetic) => {
                    names.invent(base, pat.ident.span())
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

/// Whether `name` is how the argument is called.
pub(crate) fn is_named(argument: &PatType, name: &Ident) -> bool {
    matches!(&*argument.pat, Pat::Ident(pat) if pat.ident == *name)
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
