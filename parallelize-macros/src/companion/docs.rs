//! The documentation of the companion.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use crate::signature::{
    Signature,
    params::{Passing, Role},
};

pub(super) fn lines(signature: &Signature<'_>) -> TokenStream {
    let function = signature.source.signature.ident.unraw();
    let path = if signature.is_associated() {
        "Self::"
    } else {
        ""
    };
    let varying = list(signature, |role| matches!(role, Role::Varying { .. }));
    let order = if signature.output.is_some() {
        ", with the results in their order"
    } else {
        ""
    };
    let mut lines = vec![format!(
        "Calls [`{function}`](fn@{path}{function}) for each item of {varying}, on all cores{order}."
    )];

    let constants = [
        (Passing::Shared, "shared by all calls"),
        (Passing::Copied, "the same in all calls"),
        (Passing::Cloned, "cloned for each call"),
    ];
    let constants = constants.into_iter().filter_map(|(passing, what)| {
        let names = list(
            signature,
            |role| matches!(role, Role::Constant(known) if *known == passing),
        );
        let verb = if names.contains(' ') { "are" } else { "is" };
        (!names.is_empty()).then(|| format!("{names} {verb} {what}"))
    });
    let constants: Vec<String> = constants.collect();
    if !constants.is_empty() {
        lines.extend([String::new(), format!("{}.", constants.join(", "))]);
    }

    lines.extend(
        [
            "",
            "# Panics",
            "",
            "If a call does: with the lowest item for which one does, as `item 17: <its message>`.",
        ]
        .map(str::to_owned),
    );
    let lines = lines.iter().map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

/// The names of the arguments of that role: `` `a`, `b` and `c` ``.
fn list(signature: &Signature<'_>, role: impl Fn(&Role) -> bool) -> String {
    let names = signature.params.iter().filter(|param| role(&param.role));
    let mut names: Vec<String> = names.map(|param| format!("`{}`", param.name)).collect();
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => String::new(),
    }
}
