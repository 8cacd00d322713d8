//! What cannot run on other machines, and what to do about it.

use quote::ToTokens;
use syn::{Attribute, GenericParam, Ident, Lifetime, Type};

use crate::{
    errors::Errors,
    options::Features,
    signature::{
        Signature,
        params::{Param, Role, exclusive, referent},
        walk::{Part, walk},
    },
};

pub(super) fn all(key: &Ident, features: Features, signature: &Signature<'_>, errors: &mut Errors) {
    if !features.cluster {
        errors.push(
            key,
            "`cluster` needs the cargo feature of that name: `parallelize = { .., features = [\"cluster\"] }`",
        );
    }
    function(signature, errors);
    for param in &signature.params {
        if !matches!(param.role, Role::Local(_)) {
            argument(param, errors);
        }
    }
    if let Some(output) = &signature.output {
        result(output, errors);
    }
}

fn function(signature: &Signature<'_>, errors: &mut Errors) {
    let function = &signature.source.signature;
    for param in &function.generics.params {
        let name = match param {
            GenericParam::Type(param) => &param.ident,
            GenericParam::Const(param) => &param.ident,
            GenericParam::Lifetime(_) => continue,
        };
        errors.push(
            name,
            format!("other machines cannot tell what `{name}` is; write a concrete wrapper, and put `#[parallel(cluster)]` on that"),
        );
    }
    if signature.is_associated() {
        errors.push(
            &function.ident,
            "other machines know no `Self`; write a concrete wrapper beside the impl, and put `#[parallel(cluster)]` on that",
        );
    }
    let target_feature = |attr: &&Attribute| attr.path().is_ident("target_feature");
    if let Some(attr) = signature.source.attrs.iter().find(target_feature) {
        errors.push(
            attr,
            "other machines may lack the feature; write a wrapper that looks for it, and put `#[parallel(cluster)]` on that",
        );
    }
}

fn argument(param: &Param<'_>, errors: &mut Errors) {
    if let Some(mutability) = exclusive(&param.ty) {
        if param.is_varying() {
            errors.push(
                mutability,
                "what changes on another machine stays there; take the item by value, and return what it becomes",
            );
        }
        return;
    }
    let (mut outer, ty) = referent(&param.ty);
    if let Type::TraitObject(object) = ty {
        errors.push(object, UNKNOWN);
    }
    walk(&mut param.ty.clone(), &mut |part| {
        match part {
        Part::Type(Type::ImplTrait(opaque)) => errors.push(opaque, UNKNOWN),
        Part::Type(Type::Reference(reference)) if outer == 0 => errors.push(
            reference,
            "a reference in a value refers to nothing on another machine; own what is there, as a `String` for a `&str`",
        ),
        Part::Type(Type::Reference(reference)) => {
            outer -= 1;
            if let Some(lifetime) = reference.lifetime.as_ref().filter(|lifetime| is_static(lifetime)) {
                errors.push(
                    lifetime,
                    "what comes to another machine does not live there for ever; take a plain `&`",
                );
            }
        }
        _ => {}
    }
    });
}

fn is_static(lifetime: &Lifetime) -> bool {
    lifetime.ident == "static"
}

/// Complains once: what borrows has a lifetime as well.
fn result(output: &Type, errors: &mut Errors) {
    let mut wrong = None;
    walk(&mut output.clone(), &mut |part| {
        let (node, complaint) = match part {
            Part::Type(Type::ImplTrait(opaque)) => (
                opaque.to_token_stream(),
                "a result from another machine needs a type with a name; write that",
            ),
            Part::Type(Type::Reference(reference)) => (reference.to_token_stream(), BORROWS),
            Part::Lifetime(lifetime) if !lifetime.as_ref().is_some_and(is_static) => {
                (output.to_token_stream(), BORROWS)
            }
            _ => return,
        };
        wrong.get_or_insert((node, complaint));
    });
    if let Some((node, complaint)) = wrong {
        errors.push(node, complaint);
    }
}

const UNKNOWN: &str = "other machines cannot tell what this is; write a concrete wrapper, and put `#[parallel(cluster)]` on that";
const BORROWS: &str =
    "a result cannot borrow from another machine; return what owns it, as a `String` for a `&str`";
