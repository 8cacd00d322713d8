//! Parses the options in the parentheses of `#[parallel(..)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Error, Expr, Ident, Path, Result, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::errors::Errors;

/// The options that exist, for the error about one that does not.
const EXPECTED: &str = "expected `over(..)`, `zip(..)`, `grid(..)`, `local(..)`, `each(..)`, \
                        `threads = ..`, `skip_none`, `fail_fast`, `cluster`, `name = ..` or \
                        `crate = ..`";

/// The cargo features on which generated code depends.
#[derive(Clone, Copy)]
pub(crate) struct Features {
    /// Allows the option `cluster`.
    pub(crate) cluster: bool,
    /// Gives jobs a key, which `Job::journal` needs.
    pub(crate) journal: bool,
}

impl Features {
    pub(crate) const ENABLED: Self = Self {
        cluster: cfg!(feature = "cluster"),
        journal: cfg!(feature = "journal"),
    };
}

#[derive(Default)]
pub(crate) struct Options {
    varying: Option<Varying>,
    locals: Vec<Made>,
    eaches: Vec<Made>,
    pub(crate) threads: Option<Expr>,
    pub(crate) skip_none: Option<Ident>,
    pub(crate) fail_fast: Option<Ident>,
    pub(crate) cluster: Option<Ident>,
    name: Option<Ident>,
    crate_path: Option<Path>,
}

/// `over(x)`, `zip(a, b)` or `grid(a, b)`.
struct Varying {
    key: Ident,
    combine: Combine,
    names: Vec<Ident>,
}

/// How the items of several arguments become the items of the call.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Combine {
    #[default]
    One,
    Zip,
    Grid,
}

/// `buf = expr` in `local(..)`, or `rng = |index| expr` in `each(..)`.
struct Made {
    name: Ident,
    value: Option<Expr>,
}

impl Parse for Made {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let assigns = input.parse::<Option<Token![=]>>()?.is_some();
        let value = if assigns { Some(input.parse()?) } else { None };
        Ok(Self { name, value })
    }
}

impl Options {
    /// Parses `args`. Skips options with errors.
    pub(crate) fn new(args: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = options.parse_one(input, errors) {
                    errors.add(error);
                    skip_to_comma(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(args) {
            errors.add(error);
        }
        options.check(errors);
        options
    }

    fn parse_one(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> Result<()> {
        let key = input
            .call(Ident::parse_any)
            .map_err(|error| Error::new(error.span(), EXPECTED))?;
        let repeated = match key.to_string().as_str() {
            "over" => self.vary(&key, Combine::One, input, errors)?,
            "zip" => self.vary(&key, Combine::Zip, input, errors)?,
            "grid" => self.vary(&key, Combine::Grid, input, errors)?,
            "local" => {
                let repeated = !self.locals.is_empty();
                self.locals.extend(list(input, Made::parse)?);
                repeated
            }
            "each" => {
                let repeated = !self.eaches.is_empty();
                self.eaches.extend(list(input, Made::parse)?);
                repeated
            }
            "threads" => self.threads.replace(value(input, Parse::parse)?).is_some(),
            "skip_none" => self.skip_none.replace(key.clone()).is_some(),
            "fail_fast" => self.fail_fast.replace(key.clone()).is_some(),
            "cluster" => self.cluster.replace(key.clone()).is_some(),
            "name" => self.name.replace(value(input, Parse::parse)?).is_some(),
            "crate" => self
                .crate_path
                .replace(value(input, absolute_path)?)
                .is_some(),
            _ => {
                return Err(Error::new_spanned(
                    &key,
                    format!("unknown option `{key}`; {EXPECTED}"),
                ));
            }
        };
        if repeated {
            errors.push(&key, format!("`{key}` is given twice"));
        }
        Ok(())
    }

    fn vary(
        &mut self,
        key: &Ident,
        combine: Combine,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> Result<bool> {
        let names = list(input, Ident::parse_any)?;
        let error = match (combine, names.len()) {
            (Combine::One, 1) | (Combine::Zip | Combine::Grid, 2..) => None,
            (Combine::One, 0) => Some("`over` names no argument; write one in the parentheses"),
            (Combine::One, _) => {
                Some("`over` takes one argument; use `zip(..)` or `grid(..)` for several")
            }
            (Combine::Zip, _) => Some("`zip` takes two or more arguments; use `over(..)` for one"),
            (Combine::Grid, _) => {
                Some("`grid` takes two or more arguments; use `over(..)` for one")
            }
        };
        if let Some(error) = error {
            errors.push(key, error);
        }
        let varying = Varying {
            key: key.clone(),
            combine,
            names,
        };
        let Some(known) = self.varying.replace(varying) else {
            return Ok(false);
        };
        let repeated = known.key == *key;
        if !repeated {
            let known = known.key;
            errors.push(
                key,
                format!("`{key}` contradicts `{known}`; keep one of them"),
            );
        }
        Ok(repeated)
    }

    /// Rejects arguments that are named twice, locals without a value, and values that depend on
    /// no position where one is made for each item.
    fn check(&self, errors: &mut Errors) {
        let names: Vec<&Ident> = self.names().collect();
        for (position, name) in names.iter().enumerate() {
            if names[..position].contains(name) {
                errors.push(name, format!("`{name}` is named twice"));
            }
        }
        for Made { name, .. } in self.locals.iter().filter(|local| local.value.is_none()) {
            errors.push(
                name,
                format!("`{name}` has no value to begin with; write `{name} = ..`"),
            );
        }
        for Made { name, value } in &self.eaches {
            let remedy = format!("write `{name} = |index| ..`");
            match value.as_ref().map(unwrapped) {
                Some(Expr::Closure(closure)) if closure.inputs.len() == 1 => {}
                Some(value) => errors.push(
                    value,
                    format!("not a closure of an item's position; {remedy}"),
                ),
                None => errors.push(name, format!("`{name}` has no value; {remedy}")),
            }
        }
    }

    /// Returns the arguments that vary, if an option names them.
    pub(crate) fn varying(&self) -> Option<&[Ident]> {
        self.varying
            .as_ref()
            .map(|varying| varying.names.as_slice())
    }

    pub(crate) fn combine(&self) -> Combine {
        self.varying
            .as_ref()
            .map_or_else(Combine::default, |varying| varying.combine)
    }

    /// Returns the value of the local that `is_named` accepts. The value may be missing.
    pub(crate) fn local(&self, is_named: impl Fn(&Ident) -> bool) -> Option<&Option<Expr>> {
        let local = self.locals.iter().find(|local| is_named(&local.name));
        local.map(|local| &local.value)
    }

    /// Returns the value that is made for each item, where `is_named` accepts its name. The value
    /// may be missing.
    pub(crate) fn each(&self, is_named: impl Fn(&Ident) -> bool) -> Option<&Option<Expr>> {
        let each = self.eaches.iter().find(|each| is_named(&each.name));
        each.map(|each| &each.value)
    }

    /// Returns all expressions that may use arguments by name.
    pub(crate) fn expressions(&self) -> TokenStream {
        let made = self.locals.iter().chain(&self.eaches);
        let values = made.filter_map(|made| made.value.as_ref());
        quote!(#(#values),*)
    }

    /// Returns all arguments that options name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        let varying = self.varying.iter().flat_map(|varying| &varying.names);
        let made = self.locals.iter().chain(&self.eaches);
        varying.chain(made.map(|made| &made.name))
    }

    /// Returns the name of the companion of `function`.
    pub(crate) fn companion_name(&self, function: &Ident) -> Ident {
        let name = self.name.clone();
        name.unwrap_or_else(|| suffixed(function, "parallel"))
    }

    /// Returns the name of the companion of `function` that returns a job.
    pub(crate) fn job_name(function: &Ident) -> Ident {
        suffixed(function, "job")
    }

    /// Returns the path to the crate.
    pub(crate) fn root(&self) -> TokenStream {
        let path = self.crate_path.as_ref();
        path.map_or_else(|| quote!(::parallelize), ToTokens::to_token_stream)
    }

    /// Returns the path to what generated code calls.
    pub(crate) fn private(&self) -> TokenStream {
        let root = self.root();
        quote!(#root::__private)
    }
}

/// Returns the expression in parentheses, or in what a macro puts around it.
fn unwrapped(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => unwrapped(&group.expr),
        Expr::Paren(paren) => unwrapped(&paren.expr),
        value => value,
    }
}

/// Returns `function_suffix`. Lints do not apply to its span.
fn suffixed(function: &Ident, suffix: &str) -> Ident {
    let span = Span::mixed_site().located_at(function.span());
    format_ident!("{function}_{suffix}", span = span)
}

/// Skips to the comma behind a mistake, so that others are found, too.
fn skip_to_comma(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Parses what follows a key: `(a, b)`.
fn list<T>(input: ParseStream<'_>, parse: fn(ParseStream<'_>) -> Result<T>) -> Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    let list = Punctuated::<T, Token![,]>::parse_terminated_with(&content, parse)?;
    Ok(list.into_iter().collect())
}

/// Parses what follows a key: `= value`.
fn value<T>(input: ParseStream<'_>, parse: fn(ParseStream<'_>) -> Result<T>) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.call(parse)
}

fn absolute_path(input: ParseStream<'_>) -> Result<Path> {
    let path = input.call(Path::parse_mod_style)?;
    let first = path.segments.first();
    if path.leading_colon.is_some() || first.is_some_and(|first| first.ident == "crate") {
        Ok(path)
    } else {
        Err(Error::new_spanned(
            path,
            "not an absolute path; begin it with `::` or `crate::`",
        ))
    }
}
