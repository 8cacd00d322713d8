//! What cannot have a companion, and what to do about it.

use syn::{ReceiverKind, Token, Type};

use crate::{
    errors::Errors,
    signature::{Place, Signature, SourceFn},
};

pub(crate) fn all(signature: &Signature<'_>, errors: &mut Errors) {
    let source = signature.source;
    if let Some(token) = &source.signature.asyncness {
        errors.push(
            token,
            "an `async fn` cannot run on threads yet; make it a plain function that blocks",
        );
    }
    if let Some(variadic) = &source.signature.variadic {
        errors.push(
            variadic,
            "a variadic function cannot be parallel; wrap it in one with fixed arguments",
        );
    }
    if let Place::Foreign = signature.place {
        errors.push(
            &source.signature.ident,
            "a function in an `extern` block can have no companion there; wrap it in one outside",
        );
    }
    receiver(source, errors);
    constants(signature, errors);
}

fn constants(signature: &Signature<'_>, errors: &mut Errors) {
    for constant in signature.params.iter().filter(|param| !param.is_varying()) {
        if let Some(mutability) = exclusive(&constant.ty) {
            let name = &constant.name;
            errors.push(
                mutability,
                format!(
                    "a `&mut` constant cannot be shared between threads; give each worker its own with \
                     `#[parallel(local({name} = ..))]`"
                ),
            );
        }
    }
}

fn receiver(source: &SourceFn, errors: &mut Errors) {
    let Some(receiver) = source.signature.receiver() else {
        return;
    };
    let exclusive = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.as_ref(),
        ReceiverKind::Typed(_, ty) => exclusive(ty),
        _ => None,
    };
    if let Some(mutability) = exclusive {
        errors.push(
            mutability,
            "`&mut self` cannot be shared between threads; take `&self`, and return what changes",
        );
    }
}

/// The `mut` of a type `&mut T`.
fn exclusive(ty: &Type) -> Option<&Token![mut]> {
    match ty {
        Type::Group(group) => exclusive(&group.elem),
        Type::Paren(paren) => exclusive(&paren.elem),
        Type::Reference(reference) => reference.mutability.as_ref(),
        _ => None,
    }
}
