//! Rejects functions that cannot have a companion, each with a remedy.
//!
//! It may use `options`, `signature` and `errors`. What passes here expands without errors.

mod cluster;

use syn::FnArg;

use crate::{
    errors::Errors,
    options::{Features, Options},
    signature::{
        Place, Signature,
        opaque::never_send,
        params::{self, Param, Role},
    },
};

pub(crate) fn all(
    options: &Options,
    features: Features,
    signature: &Signature<'_>,
    errors: &mut Errors,
) {
    function(signature, errors);
    for param in &signature.params {
        argument(param, errors);
    }
    if let Some(key) = &options.cluster {
        cluster::all(key, features, signature, errors);
    }
    let function = &signature.source.signature;
    let name = options.companion_name(&function.ident);
    if name == function.ident {
        errors.push(
            name,
            "the companion has the name of the function; choose another one",
        );
    }
    for (key, what) in [
        (&options.skip_none, "an `Option`"),
        (&options.fail_fast, "a `Result`"),
    ] {
        if let (Some(key), None) = (key, &signature.output) {
            errors.push(
                key,
                format!("`{key}` needs a function that returns {what}; this one returns nothing"),
            );
        }
    }
}

fn function(signature: &Signature<'_>, errors: &mut Errors) {
    let function = &signature.source.signature;
    if let Some(token) = &function.asyncness {
        errors.push(
            token,
            "an `async fn` cannot run on threads yet; make it a plain function that blocks",
        );
    }
    if let Some(variadic) = &function.variadic {
        errors.push(
            variadic,
            "a variadic function can have no companion; wrap it in one with fixed arguments",
        );
    }
    if let (Place::Trait(_), Some(output)) = (&signature.place, &signature.output) {
        for opaque in never_send(output) {
            errors.push(
                opaque,
                "an `impl Trait` that a trait's method returns may not be able to move between \
                 threads; say that it is, with `+ Send` at its end",
            );
        }
    }
    if let Place::TraitImpl = signature.place {
        errors.push(
            &function.ident,
            "an impl of a trait has no room for a companion; \
             put `#[parallel]` on the method in the trait",
        );
    }
    if let Place::Foreign = signature.place {
        errors.push(
            &function.ident,
            "an `extern` block has no room for a companion; \
             wrap the function in one outside the block",
        );
    }
}

fn argument(param: &Param<'_>, errors: &mut Errors) {
    let mutability = params::reference_mut(&param.ty);
    match (&param.role, mutability, param.argument) {
        (Role::Constant(_), Some(mutability), FnArg::Receiver(_)) => errors.push(
            mutability,
            "`&mut self` cannot be shared between threads; take `&self`, and return the changes",
        ),
        (Role::Constant(_), Some(mutability), FnArg::Typed(_)) => {
            let name = &param.name;
            let remedy = format!(
                "give each worker its own with `#[parallel(local({name} = ..))]`, or each item with \
                 `each({name} = |index| ..)`"
            );
            errors.push(
                mutability,
                format!("a `&mut` constant cannot be shared between threads; {remedy}"),
            );
        }
        (Role::Local(value), None, _) => {
            let name = &param.name;
            errors.push(
                value,
                format!("`{name}` is not a `&mut` reference; write `{name}: &mut ..`"),
            );
        }
        (Role::Varying { .. }, _, _) if param.cfgs().next().is_some() => {
            errors.push(
                &param.name,
                "an argument with a `cfg` cannot vary; put the `cfg` on the function",
            );
        }
        _ => {}
    }
}
