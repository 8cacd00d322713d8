//! The function, and the model of it from which companions are made.

pub(crate) mod generics;
pub(crate) mod lifetimes;
mod names;
pub(crate) mod params;
mod place;
pub(crate) mod walk;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, FnArg, Generics, Lifetime, PatType, ReceiverKind, Result, ReturnType, Token,
    Type, Visibility,
    parse::{Parse, ParseStream},
    parse_quote,
};

use crate::{errors::Errors, options::Options};
use names::Names;
use params::{Param, Passing, Role};
pub(crate) use place::Place;
use walk::{Part, walk};

/// The annotated function. The body stays raw: errors in it are the compiler's to report, and half of one is enough.
pub(crate) struct SourceFn {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) signature: syn::Signature,
    /// None for a method that a trait only declares.
    pub(crate) body: Option<TokenStream>,
}

impl Parse for SourceFn {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let start = input.cursor().token_tree().map(|(token, _)| token);
        input.parse::<Option<Token![safe]>>()?;
        let signature = input.parse().map_err(|error| {
            if starts_function(start.as_ref()) {
                error
            } else {
                Error::new_spanned(
                    start,
                    "expected a function; `#[parallel]` works on nothing else",
                )
            }
        })?;
        let body = if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            None
        } else {
            Some(input.parse()?)
        };
        Ok(Self {
            attrs,
            vis,
            signature,
            body,
        })
    }
}

fn starts_function(token: Option<&TokenTree>) -> bool {
    token.is_some_and(|token| {
        ["const", "async", "unsafe", "extern", "fn"].contains(&token.to_string().as_str())
    })
}

impl SourceFn {
    /// The arguments other than `self`.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &PatType> {
        self.signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                FnArg::Receiver(_) => None,
                FnArg::Typed(argument) => Some(argument),
            })
    }

    /// Whether an elided lifetime in the result is that of `self`.
    pub(crate) fn borrows_self(&self) -> bool {
        match self.signature.receiver().map(|receiver| &receiver.kind) {
            Some(ReceiverKind::Reference(..)) => true,
            Some(ReceiverKind::Typed(_, ty)) => {
                let mut borrows = false;
                walk(&mut (**ty).clone(), &mut |part| {
                    borrows |= matches!(part, Part::Type(Type::Reference(_)));
                });
                borrows
            }
            _ => false,
        }
    }

    /// Whether `Self` means something here, so that this stands in an impl or a trait.
    pub(crate) fn mentions_self(&self) -> bool {
        self.signature.receiver().is_some()
            || mentions(self.signature.to_token_stream(), &["Self"])
            || self.body.as_ref().is_some_and(|body| {
                mentions(body.clone(), &["Self"]) && !mentions(body.clone(), &["impl", "trait"])
            })
    }
}

/// Whether one of `words` stands anywhere in `tokens`.
pub(crate) fn mentions<W: AsRef<str>>(tokens: TokenStream, words: &[W]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), words),
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word.as_ref()),
        _ => false,
    })
}

/// The function as its companion sees it.
pub(crate) struct Signature<'a> {
    pub(crate) source: &'a SourceFn,
    pub(crate) place: Place,
    /// Those of the function, with names for elided lifetimes and types that have to stand in bounds now.
    pub(crate) generics: Generics,
    pub(crate) params: Vec<Param<'a>>,
    /// What one call returns, unless it is nothing.
    pub(crate) output: Option<Type>,
    /// Stands in bounds for a lifetime that the signature goes on to elide.
    pub(crate) elided: Lifetime,
    /// Type parameters of the impl or trait around the function, and `Self` if it depends on them.
    outer_names: Vec<String>,
    names: Names,
}

impl<'a> Signature<'a> {
    pub(crate) fn new(options: &Options, source: &'a SourceFn, errors: &mut Errors) -> Self {
        let place = Place::of(source);
        let mut names = Names::default();
        names.reserve(source.signature.to_token_stream());
        let mut outer_names = Vec::new();
        if let Place::Impl(generics) | Place::Trait(generics) = &place {
            names.reserve(generics.params.to_token_stream());
            outer_names.extend(generics::type_names(generics));
        }
        if matches!(place, Place::Trait(_)) || !outer_names.is_empty() {
            outer_names.push("Self".to_owned());
        }
        let mut signature = Self {
            source,
            place,
            generics: source.signature.generics.clone(),
            params: Vec::new(),
            output: output(&source.signature.output),
            elided: names.invent_lifetime("elided"),
            outer_names,
            names,
        };
        signature.names.reserve(source.signature.to_token_stream());
        if let Place::Impl(generics) = &signature.place {
            signature.names.reserve(generics.params.to_token_stream());
        }
        let varying = varying(options, source, errors);
        for (position, argument) in source.arguments().enumerate() {
            let param = if varying == Some(position) {
                signature.varying(argument)
            } else {
                signature.constant(argument)
            };
            signature.params.push(param);
        }
        signature.elide_output();
        signature
    }

    // Input:  `text: &str`
    // Output: `text: I`, where `I: IntoIterator<Item = &'item str>`
    fn varying(&mut self, argument: &'a PatType) -> Param<'a> {
        let name = params::name(argument, &mut self.names);
        let mut ty = (*argument.ty).clone();
        self.name_lifetimes(&mut ty);
        self.name_opaque(&mut ty);
        generics::outlive(&mut self.generics, &self.outer_names, &ty);
        let source = self.names.invent("I", Span::mixed_site());
        Param {
            source: argument,
            name,
            ty,
            role: Role::Varying { source },
        }
    }

    fn constant(&mut self, argument: &'a PatType) -> Param<'a> {
        let name = params::name(argument, &mut self.names);
        let mut ty = (*argument.ty).clone();
        let passing = Passing::of(&ty);
        if self.is_generic(&ty) {
            // The bounds on this type will have to spell it.
            self.name_lifetimes(params::behind_references(&mut ty));
        }
        Param {
            source: argument,
            name,
            ty,
            role: Role::Constant(passing),
        }
    }

    fn name_lifetimes(&mut self, ty: &mut Type) {
        let Self {
            generics, names, ..
        } = self;
        lifetimes::name_elided(ty, &mut || {
            let lifetime = names.invent_lifetime("item");
            let position = generics.lifetimes().count();
            generics.params.insert(position, parse_quote!(#lifetime));
            lifetime
        });
    }

    /// Makes each `impl Trait` in `ty` a type parameter, as only arguments may be `impl Trait`.
    fn name_opaque(&mut self, ty: &mut Type) {
        let Self {
            generics, names, ..
        } = self;
        walk(ty, &mut |part| {
            let Part::Type(ty) = part else { return };
            if let Type::ImplTrait(opaque) = ty {
                let name = names.invent("T", opaque.impl_token.span);
                let bounds = &opaque.bounds;
                generics.params.push(parse_quote!(#name: #bounds));
                *ty = parse_quote!(#name);
            }
        });
    }

    /// Applies the rule of elision to the result: it belongs to `self`, or else to the one lifetime among the arguments.
    /// Only if that one has moved into a bound does it need its name now.
    fn elide_output(&mut self) {
        if self.source.borrows_self() {
            return;
        }
        let mut moved = self.params.iter().filter(|param| param.is_varying());
        let lifetime = moved.find_map(|param| lifetimes::first_named(&param.ty));
        if let (Some(lifetime), Some(output)) = (lifetime, &mut self.output) {
            lifetimes::name_elided(output, &mut || lifetime.clone());
        }
    }

    /// Whether `ty` depends on type parameters, so that only a where clause can promise things about it.
    pub(crate) fn is_generic(&self, ty: &Type) -> bool {
        let mut names = self.outer_names.clone();
        names.extend(generics::type_names(&self.generics));
        mentions(ty.to_token_stream(), &names)
    }

    /// Whether the function is called as `Self::f`.
    pub(crate) fn is_associated(&self) -> bool {
        matches!(self.place, Place::Impl(_) | Place::Trait(_))
    }
}

/// The position of the argument that varies.
fn varying(options: &Options, source: &SourceFn, errors: &mut Errors) -> Option<usize> {
    let function = &source.signature.ident;
    if let Some(over) = &options.over {
        let position = source
            .arguments()
            .position(|argument| params::is_named(argument, over));
        if position.is_none() {
            errors.push(over, format!("`{function}` has no argument named `{over}`"));
        }
        position
    } else if source.arguments().next().is_some() {
        Some(0)
    } else {
        errors.push(
            function,
            format!("nothing varies from call to call; give `{function}` an argument"),
        );
        None
    }
}

fn output(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            Type::Never(_) => None,
            ty => Some(ty.clone()),
        },
    }
}
