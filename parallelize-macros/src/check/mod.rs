//! What cannot have a companion, and what to do about it.

mod cluster;

use syn::FnArg;

use crate::{
    errors::Errors,
    options::{Features, Options},
    signature::{
        Place, Signature,
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
    let name = options.companion(&function.ident);
    if name == function.ident {
        errors.push(
            name,
            "the companion needs a name of its own; choose another one",
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
            "a variadic function cannot be parallel; wrap it in one with fixed arguments",
        );
    }
    if let Place::TraitImpl = signature.place {
        errors.push(
            &function.ident,
            "the companion of a trait's method stands in the trait; put `#[parallel]` on the method there",
        );
    }
    if let Place::Foreign = signature.place {
        errors.push(
            &function.ident,
            "a function in an `extern` block can have no companion there; wrap it in one outside",
        );
    }
}

fn argument(param: &Param<'_>, errors: &mut Errors) {
    let exclusive = params::exclusive(&param.ty);
    match (&param.role, exclusive, param.argument) {
        (Role::Constant(_), Some(mutability), FnArg::Receiver(_)) => errors.push(
            mutability,
            "`&mut self` cannot be shared between threads; take `&self`, and return what changes",
        ),
        (Role::Constant(_), Some(mutability), FnArg::Typed(_)) => {
            let name = &param.name;
            let remedy = format!("give each worker its own with `#[parallel(local({name} = ..))]`");
            errors.push(
                mutability,
                format!("a `&mut` constant cannot be shared between threads; {remedy}"),
            );
        }
        (Role::Local(value), None, _) => {
            let name = &param.name;
            errors.push(
                value,
                format!("`{name}` is not behind `&mut`; only what calls may change is `local`"),
            );
        }
        (Role::Varying { .. }, _, _) if param.cfgs().next().is_some() => {
            errors.push(
                &param.name,
                "an argument that may be absent cannot vary; put the `cfg` on the function",
            );
        }
        _ => {}
    }
}
