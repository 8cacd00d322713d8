//! The documentation of the companion.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, ext::IdentExt};

use super::outcome::Outcome;
use crate::{
    options::{Combine, Options},
    signature::{
        Signature,
        params::{Param, Passing, Role},
    },
};

pub(super) fn lines(
    options: &Options,
    signature: &Signature<'_>,
    outcome: &Outcome,
) -> TokenStream {
    let mut lines = vec![summary(signature, outcome)];
    let constants = constants(signature);
    if !constants.is_empty() {
        lines.extend([String::new(), constants]);
    }
    if options.cluster.is_some() {
        let ranks = "In a cluster it runs on all ranks.";
        lines.extend([String::new(), ranks.to_owned()]);
    }
    if outcome.fails() {
        lines.extend(section(
            "Errors",
            "If a call returns one: that of the lowest item for which one does.",
        ));
    }
    let panics =
        "If a call does: with the lowest item for which one does, as `item 17: <its message>`.";
    lines.extend(section("Panics", panics));
    let lines = lines.iter().map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

/// The documentation of the other companion, beside the one called `parallel`.
pub(super) fn job(signature: &Signature<'_>, parallel: &Ident) -> TokenStream {
    let path = path(signature);
    let parallel = parallel.unraw();
    let line = format!(
        " What [`{parallel}`](fn@{path}{parallel}) does, as a job that can be told more before it runs."
    );
    quote!(#[doc = #line])
}

fn path(signature: &Signature<'_>) -> &'static str {
    if signature.is_associated() {
        "Self::"
    } else {
        ""
    }
}

fn section(title: &str, text: &str) -> [String; 4] {
    [
        String::new(),
        format!("# {title}"),
        String::new(),
        text.to_owned(),
    ]
}

fn summary(signature: &Signature<'_>, outcome: &Outcome) -> String {
    let function = signature.source.signature.ident.unraw();
    let path = path(signature);
    let varying = signature.varying();
    let varying = list(varying.into_iter());
    let each = match signature.combine {
        Combine::One => format!("each item of {varying}"),
        Combine::Zip => format!("the items of {varying} side by side"),
        Combine::Grid => {
            format!("every combination of items of {varying}, the last varying fastest")
        }
    };
    let results = if outcome.skips() {
        ", with the results that are not `None` in their order"
    } else if signature.output.is_some() {
        ", with the results in their order"
    } else {
        ""
    };
    format!("Calls [`{function}`](fn@{path}{function}) for {each}, on all cores{results}.")
}

/// How the other arguments reach every call.
fn constants(signature: &Signature<'_>) -> String {
    let passings = [
        (Passing::Shared, "shared by all calls"),
        (Passing::Copied, "the same in all calls"),
        (Passing::Cloned, "cloned for each call"),
    ];
    let constants = passings.into_iter().filter_map(|(passing, what)| {
        let params = signature
            .params
            .iter()
            .filter(|param| matches!(param.role, Role::Constant(known) if known == passing));
        let names = list(params);
        let verb = if names.contains(' ') { "are" } else { "is" };
        (!names.is_empty()).then(|| format!("{names} {verb} {what}"))
    });
    let mut text = constants.collect::<Vec<_>>().join(", ");
    if !text.is_empty() {
        text.push('.');
    }
    text
}

/// `` `a`, `b` and `c` ``
fn list<'p>(params: impl Iterator<Item = &'p Param<'p>>) -> String {
    let mut names: Vec<String> = params.map(|param| format!("`{}`", param.name)).collect();
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => String::new(),
    }
}
