//! The documentation of the companions.

use std::iter;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta, ext::IdentExt};

use super::output::Output;
use crate::{
    options::{Combine, Options},
    signature::{
        Signature,
        params::{Param, Passing, Role},
    },
};

/// Documents the companion that returns all results.
pub(super) fn parallel(
    options: &Options,
    signature: &Signature<'_>,
    output: &Output,
) -> TokenStream {
    let mut lines = vec![summary(signature, output)];
    lines.extend(quoted(&signature.source.attrs));
    let lent: Vec<_> = signature
        .varying()
        .into_iter()
        .filter(|param| param.accepts_owners())
        .collect();
    if !lent.is_empty() {
        let names = list(lent.into_iter());
        let owners =
            format!("An item of {names} may also be a reference to what owns such a value.");
        lines.extend([String::new(), owners]);
    }
    let constants = constants(signature);
    if !constants.is_empty() {
        lines.extend([String::new(), constants]);
    }
    if options.cluster.is_some() {
        let ranks = "In a cluster, the calls run on all ranks.";
        lines.extend([String::new(), ranks.to_owned()]);
    }
    if output.fails() {
        let errors = "Returns the error of the lowest item for which the function returns one.";
        lines.extend(section("Errors", errors));
    }
    let panics = "Panics if the function panics for an item; the message names the lowest one: \
                  `item 17: ..`.";
    lines.extend(section("Panics", panics));
    attributes(&lines)
}

/// Documents the companion that returns a job, beside the one called `parallel`.
pub(super) fn job(options: &Options, signature: &Signature<'_>, parallel: &Ident) -> TokenStream {
    let path = path(signature);
    let parallel = parallel.unraw();
    // A link knows no raw identifiers.
    let root = options
        .root()
        .to_string()
        .replace("r#", "")
        .replace(' ', "");
    let like = format!(
        "Like [`{parallel}`](fn@{path}{parallel}), but returns a job. It takes settings, and does \
         nothing until one of its [last calls]({root}::Job#last-calls) runs it."
    );
    attributes(&[like])
}

fn attributes(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

/// Quotes the first paragraph of the documentation of the function, if it is plain text.
fn quoted(attrs: &[Attribute]) -> Vec<String> {
    let Some(lines) = documentation(attrs) else {
        return Vec::new();
    };
    let mut lines = lines.iter().map(|line| line.trim());
    let paragraph = lines.by_ref().skip_while(|line| line.is_empty());
    let paragraph: Vec<&str> = paragraph.take_while(|line| !line.is_empty()).collect();
    // A fence would be one more test, and what begins a block may end behind the paragraph.
    let is_plain = |line: &&str| {
        let begin = line.trim_start_matches(|c: char| c.is_ascii_digit());
        !begin.starts_with([
            '#', '`', '~', '|', '<', '>', '-', '*', '+', '=', '.', ')', '[',
        ])
    };
    // Where a reference such as `[this]` leads may stand anywhere below.
    let is_whole = !lines.any(|line| line.starts_with('[') && line.contains("]:"));
    if paragraph.is_empty() || !is_whole || !paragraph.iter().all(is_plain) {
        return Vec::new();
    }
    let quoted = paragraph.iter().map(|line| format!("> {line}"));
    iter::once(String::new()).chain(quoted).collect()
}

/// Returns the lines of the documentation, if all of it stands in the attributes.
fn documentation(attrs: &[Attribute]) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    for attr in attrs {
        let Meta::NameValue(pair) = &attr.meta else {
            continue;
        };
        if pair.path.is_ident("doc") {
            let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
            else {
                return None;
            };
            lines.extend(text.value().split('\n').map(str::to_owned));
        }
    }
    Some(lines)
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

fn summary(signature: &Signature<'_>, output: &Output) -> String {
    let function = signature.source.signature.ident.unraw();
    let path = path(signature);
    let varying = signature.varying();
    let varying = list(varying.into_iter());
    let each = match signature.combine {
        Combine::One => format!("each item of {varying}"),
        Combine::Zip => format!("the items of {varying}, taken side by side"),
        Combine::Grid => {
            format!("each combination of the items of {varying}, the last varying fastest")
        }
    };
    let results = if output.skips() {
        "returns the results that are not `None`, in input order"
    } else if signature.output.is_some() {
        "returns the results in input order"
    } else {
        return format!("Calls [`{function}`](fn@{path}{function}) in parallel for {each}.");
    };
    let comma = if signature.combine == Combine::One {
        ""
    } else {
        ","
    };
    format!(
        "Calls [`{function}`](fn@{path}{function}) in parallel for {each}{comma} and {results}."
    )
}

/// Says how the other arguments reach every call.
fn constants(signature: &Signature<'_>) -> String {
    let passings = [
        (Passing::Shared, "shared by all calls"),
        (Passing::Copied, "copied for each call"),
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
    let mut text = constants.collect::<Vec<_>>().join("; ");
    if !text.is_empty() {
        text.push('.');
        text.push_str(&choice(signature));
    }
    text
}

/// Says how another argument varies, for those who expected it to.
fn choice(signature: &Signature<'_>) -> String {
    let others = signature.constants().filter(|param| param.name != "self");
    match (signature.combine, &*signature.varying()) {
        (Combine::One, [varying]) if others.count() > 0 => {
            format!(
                " Another argument varies instead of `{}` if `over(..)` names it.",
                varying.name
            )
        }
        _ => String::new(),
    }
}

/// Lists names: `` `a`, `b` and `c` ``.
fn list<'p>(params: impl Iterator<Item = &'p Param<'p>>) -> String {
    let mut names: Vec<String> = params.map(|param| format!("`{}`", param.name)).collect();
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => String::new(),
    }
}
