//! Rejects functions of `cluster` that cannot run on other machines, each with a remedy.

use quote::ToTokens;
use syn::{Attribute, GenericParam, Ident, Lifetime, Type};

use crate::{
    errors::Errors,
    options::Features,
    signature::{
        Signature,
        params::{Param, Role, reference_mut, referent},
        walk::{Part, walk},
    },
};

const WRAP: &str = "put `#[parallel(cluster)]` on a wrapper with concrete types";
const BORROWS: &str = "a result cannot borrow from another machine; return an owned type, \
                       such as `String` for `&str`";

pub(super) fn all(key: &Ident, features: Features, signature: &Signature<'_>, errors: &mut Errors) {
    if !features.cluster {
        errors.push(
            key,
            "`cluster` needs a cargo feature; \
             write `parallelize = { .., features = [\"cluster\"] }`",
        );
    }
    function(signature, errors);
    for param in &signature.params {
        if !matches!(param.role, Role::Local(_) | Role::Each(_)) {
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
            format!("other machines do not know what `{name}` is; {WRAP}"),
        );
    }
    if signature.is_associated() {
        errors.push(
            &function.ident,
            "other machines do not know `Self`; \
             put `#[parallel(cluster)]` on a free function that calls this",
        );
    }
    let target_feature = |attr: &&Attribute| attr.path().is_ident("target_feature");
    if let Some(attr) = signature.source.attrs.iter().find(target_feature) {
        errors.push(
            attr,
            "other machines may lack the feature; \
             put `#[parallel(cluster)]` on a wrapper that detects it",
        );
    }
}

fn argument(param: &Param<'_>, errors: &mut Errors) {
    if let Some(mutability) = reference_mut(&param.ty) {
        if param.is_varying() {
            errors.push(
                mutability,
                "changes to an item on another machine are lost; \
                 take the item by value, and return the new one",
            );
        }
        return;
    }
    let (mut outer, ty) = referent(&param.ty);
    if let Type::TraitObject(object) = ty {
        errors.push(object, unknown());
    }
    walk(&mut param.ty.clone(), &mut |part| match part {
        Part::Type(Type::ImplTrait(opaque)) => errors.push(opaque, unknown()),
        Part::Type(Type::Reference(reference)) if outer == 0 => errors.push(
            reference,
            "a reference inside a value cannot be sent; \
             use an owned type, such as `String` for `&str`",
        ),
        Part::Type(Type::Reference(reference)) => {
            outer -= 1;
            if let Some(lifetime) = reference
                .lifetime
                .as_ref()
                .filter(|lifetime| is_static(lifetime))
            {
                errors.push(
                    lifetime,
                    "a value on another machine does not live for `'static`; take a plain `&`",
                );
            }
        }
        _ => {}
    });
}

fn unknown() -> String {
    format!("other machines do not know the type behind this; {WRAP}")
}

fn is_static(lifetime: &Lifetime) -> bool {
    lifetime.ident == "static"
}

/// Adds one error at most, since a reference has a lifetime as well.
fn result(output: &Type, errors: &mut Errors) {
    let mut wrong = None;
    walk(&mut output.clone(), &mut |part| {
        let (node, message) = match part {
            Part::Type(Type::ImplTrait(opaque)) => (
                opaque.to_token_stream(),
                "a result from another machine cannot be an `impl Trait`; name the type",
            ),
            Part::Type(Type::Reference(reference)) => (reference.to_token_stream(), BORROWS),
            Part::Lifetime(lifetime) if !lifetime.as_ref().is_some_and(is_static) => {
                (output.to_token_stream(), BORROWS)
            }
            _ => return,
        };
        wrong.get_or_insert((node, message));
    });
    if let Some((node, message)) = wrong {
        errors.push(node, message);
    }
}
