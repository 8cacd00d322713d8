//! The model of the annotated function from which companions are made.
//!
//! It may use `options` and `errors`. It generates no code.

mod blocks;
pub(crate) mod generics;
pub(crate) mod lifetimes;
pub(crate) mod names;
pub(crate) mod opaque;
pub(crate) mod params;
mod place;
mod source;
pub(crate) mod walk;
pub(crate) mod words;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, FnArg, Generics, Ident, Lifetime, ReturnType, Type, parse_quote};

use crate::{
    errors::Errors,
    options::{Combine, Options},
};
use names::Names;
use params::{Param, Passing, Role};
pub(crate) use place::Place;
pub(crate) use source::SourceFn;
use walk::{Part, walk};
use words::{mentions, uses};

/// The function as its companions see it.
pub(crate) struct Signature<'a> {
    pub(crate) source: &'a SourceFn,
    pub(crate) place: Place,
    /// The generics of the function, with names for elided lifetimes and `impl Trait` types that
    /// now stand in bounds.
    pub(crate) generics: Generics,
    /// One for each argument, including `self`.
    pub(crate) params: Vec<Param<'a>>,
    /// How the items of several varying arguments become one.
    pub(crate) combine: Combine,
    /// The type that one call returns, unless it returns nothing.
    pub(crate) output: Option<Type>,
    /// The expressions of options, which may use arguments by name.
    expressions: TokenStream,
    /// The first part of the names of lifetimes bound by `for<..>`.
    any: Lifetime,
    /// The type parameters of the impl or trait around the function, and `Self` if it depends on
    /// them.
    outer_names: Vec<String>,
    names: Names,
}

impl<'a> Signature<'a> {
    pub(crate) fn new(options: &'a Options, source: &'a SourceFn, errors: &mut Errors) -> Self {
        let place = Place::of(source);
        let mut names = Names::default();
        names.reserve(source.signature.generics.to_token_stream());
        names.reserve(source.signature.output.to_token_stream());
        names.reserve(Options::job_name(&source.signature.ident).into_token_stream());
        for argument in &source.signature.inputs {
            params::reserve(argument, &mut names);
        }
        if let Some(outer) = place.generics() {
            names.reserve(outer.params.to_token_stream());
        }
        let mut signature = Self {
            source,
            generics: source.signature.generics.clone(),
            params: Vec::new(),
            combine: options.combine(),
            output: output(&source.signature.output),
            expressions: options.expressions(),
            any: names.invent_lifetime("any"),
            outer_names: place.type_names(source),
            place,
            names,
        };
        for (argument, role) in source
            .signature
            .inputs
            .iter()
            .zip(params::roles(options, source, errors))
        {
            let param = match role {
                params::Assigned::Varying(rank) => signature.varying_param(argument, rank),
                params::Assigned::Constant => signature.constant_param(argument),
                params::Assigned::Local(value) => {
                    signature.made_param(argument, Role::Local(value))
                }
                params::Assigned::Each(value) => signature.made_param(argument, Role::Each(value)),
            };
            signature.params.push(param);
        }
        signature.elide_output();
        signature.declare_lifetimes();
        if let Some(output) = signature.output.clone() {
            signature.spell_outlives(&output);
        }
        signature
    }

    // Input:  `text: &str`
    // Output: `text: I`, where `I: IntoIterator<Item = &'item str>`
    fn varying_param(&mut self, argument: &'a FnArg, rank: usize) -> Param<'a> {
        let name = match argument {
            FnArg::Receiver(receiver) => self.names.invent("items", receiver.self_token.span),
            FnArg::Typed(_) => self.name(argument),
        };
        let mut ty = params::type_of(argument);
        self.name_lifetimes(&mut ty, "item");
        self.name_impl_traits(&mut ty);
        self.spell_outlives(&ty);
        let source = self.names.invent(
            params::SOURCE_NAMES[rank % params::SOURCE_NAMES.len()],
            Span::mixed_site(),
        );
        Param {
            argument,
            name,
            ty,
            role: Role::Varying { source, rank },
        }
    }

    fn constant_param(&mut self, argument: &'a FnArg) -> Param<'a> {
        let name = self.name(argument);
        let mut ty = params::type_of(argument);
        let passing = Passing::of(&ty);
        if passing == Passing::Cloned && self.is_generic(&ty) {
            // The bound `Clone` will spell this type.
            self.name_lifetimes(&mut ty, "item");
        }
        Param {
            argument,
            name,
            ty,
            role: Role::Constant(passing),
        }
    }

    fn made_param(&mut self, argument: &'a FnArg, role: Role<'a>) -> Param<'a> {
        let name = self.name(argument);
        Param {
            argument,
            name,
            ty: params::type_of(argument),
            role,
        }
    }

    fn name(&mut self, argument: &FnArg) -> Ident {
        let function = &self.source.signature.ident;
        params::name(argument, function, &self.expressions, &mut self.names)
    }

    /// Adds the bounds that `ty` implies in an argument or a result, but not in a bound.
    fn spell_outlives(&mut self, ty: &Type) {
        let mut outer = self.outer_names.clone();
        outer.push("Self".to_owned());
        generics::spell_outlives(&mut self.generics, self.place.generics(), &outer, ty);
    }

    /// Gives elided lifetimes in `ty` names that begin with `base`.
    fn name_lifetimes(&mut self, ty: &mut Type, base: &str) {
        let Self {
            generics, names, ..
        } = self;
        lifetimes::name_elided(ty, &mut || {
            let lifetime = names.invent_lifetime(base);
            let position = generics.lifetimes().count();
            generics.params.insert(position, parse_quote!(#lifetime));
            lifetime
        });
    }

    /// Replaces each `impl Trait` in `ty` by a type parameter, since only arguments may be `impl
    /// Trait`.
    fn name_impl_traits(&mut self, ty: &mut Type) {
        let Self {
            generics, names, ..
        } = self;
        walk(ty, &mut |part| {
            let Part::Type(ty) = part else { return };
            // A type parameter needs no parentheses, which several bounds have behind a `&`.
            if let Type::Paren(paren) = ty {
                if let Type::ImplTrait(_) = &*paren.elem {
                    *ty = (*paren.elem).clone();
                }
            }
            if let Type::ImplTrait(opaque) = ty {
                let name = names.invent("T", opaque.impl_token.span);
                let bounds = &opaque.bounds;
                generics.params.push(parse_quote!(#name: #bounds));
                *ty = parse_quote!(#name);
            }
        });
    }

    /// Applies the rule of elision to the result: it borrows from `self`, or else from the one
    /// argument with a lifetime. The lifetime needs a name if that argument varies, because its
    /// type has then moved into a bound, or if a bound has to mention it.
    fn elide_output(&mut self) {
        let output = self.output.clone();
        let Some(mut output) = output.filter(lifetimes::has_elided) else {
            return;
        };
        let Some(owner) = params::elision_owner(&self.params) else {
            if !params::may_hide_lifetimes(&self.params) {
                // An error. The compiler reports it for the function, and not for companions again.
                let lifetime = Lifetime::new("'static", Span::mixed_site());
                lifetimes::name_elided(&mut output, &mut || lifetime.clone());
                self.output = Some(output);
            }
            return;
        };
        if !self.params[owner].is_varying() {
            if self.implies_outlives(&self.params[owner].ty, &output) {
                return;
            }
            let mut ty = self.params[owner].ty.clone();
            self.name_lifetimes(&mut ty, "constant");
            self.params[owner].ty = ty;
        }
        if let Some(lifetime) = lifetimes::first_named(&self.params[owner].ty) {
            lifetimes::name_elided(&mut output, &mut || lifetime.clone());
            self.output = Some(output);
        }
    }

    /// Declares lifetimes that nothing around the function declares. They are an error, which the
    /// compiler reports for the function, and not for companions again.
    fn declare_lifetimes(&mut self) {
        if let Place::Impl(None) | Place::Trait(None) = self.place {
            return;
        }
        let types = self.params.iter().map(|param| &param.ty);
        let mentioned = types.chain(&self.output).flat_map(lifetimes::named);
        for lifetime in mentioned.collect::<Vec<_>>() {
            let all = self.place.generics().into_iter().chain([&self.generics]);
            let is_known = all
                .flat_map(Generics::lifetimes)
                .any(|known| known.lifetime == lifetime);
            if !is_known && lifetime.ident != "static" {
                self.generics.params.insert(0, parse_quote!(#lifetime));
            }
        }
    }

    /// Returns whether what outlives the references in `owner`, the type of an argument, is all
    /// that `output` depends on. A trait's method knows nothing of that kind about the parameters
    /// of the trait.
    fn implies_outlives(&self, owner: &Type, output: &Type) -> bool {
        let mentions = |ty: &Type, name: &str| mentions(ty.to_token_stream(), &[name]);
        let has_outer = matches!(self.place, Place::Impl(_)) && mentions(owner, "Self");
        self.type_names().all(|name| {
            let is_known = mentions(owner, &name) || has_outer && self.outer_names.contains(&name);
            is_known || !mentions(output, &name)
        })
    }

    /// Returns whether `ty` depends on type parameters, so that only a where clause can bound it.
    pub(crate) fn is_generic(&self, ty: &Type) -> bool {
        mentions(ty.to_token_stream(), &self.type_names().collect::<Vec<_>>())
    }

    /// Returns the names of the type parameters of the function and of what is around it, and
    /// `Self` if it depends on them.
    pub(crate) fn type_names(&self) -> impl Iterator<Item = String> {
        generics::type_names(&self.generics).chain(self.outer_names.iter().cloned())
    }

    /// Returns whether the function returns an `impl Trait` that does not promise to be `Send`.
    pub(crate) fn returns_opaque(&self) -> bool {
        let output = self.output.as_ref();
        output.is_some_and(|output| !opaque::without_send(output).is_empty())
    }

    /// Returns the lifetimes of a `for<..>`, and `ty` with its lifetimes replaced by them.
    ///
    /// A bound has to hold for all lifetimes or for none: with a bound on `Holder<'a, T>` in scope,
    /// the compiler takes the `'b` of `Holder<'b, T>` for `'a`.
    pub(crate) fn for_any_lifetimes(&self, ty: &Type) -> (Vec<Lifetime>, Type) {
        let mut ty = ty.clone();
        if let Place::Impl(Some(header)) = &self.place {
            walk(&mut ty, &mut |part| {
                let Part::Type(ty) = part else { return };
                if matches!(ty, Type::Path(path) if path.path.is_ident("Self")) {
                    *ty = header.self_ty.clone();
                }
            });
        }
        let mut known: Vec<Option<Lifetime>> = Vec::new();
        let mut any = Vec::new();
        walk(&mut ty, &mut |part| {
            let Part::Lifetime(lifetime) = part else {
                return;
            };
            let position = known
                .iter()
                .position(|known| known.is_some() && known == lifetime);
            let position = position.unwrap_or_else(|| {
                let number = if any.is_empty() {
                    String::new()
                } else {
                    any.len().to_string()
                };
                any.push(Lifetime::new(
                    &format!("{}{number}", self.any),
                    Span::mixed_site(),
                ));
                known.push(lifetime.clone());
                any.len() - 1
            });
            *lifetime = Some(any[position].clone());
        });
        (any, ty)
    }

    /// Returns the arguments that vary, in the order of their ranks.
    pub(crate) fn varying(&self) -> Vec<&Param<'a>> {
        let mut varying: Vec<_> = self
            .params
            .iter()
            .filter(|param| param.is_varying())
            .collect();
        varying.sort_by_key(|param| match param.role {
            Role::Varying { rank, .. } => rank,
            _ => usize::MAX,
        });
        varying
    }

    /// Returns the arguments that are the same in all calls.
    pub(crate) fn constants(&self) -> impl DoubleEndedIterator<Item = &Param<'a>> {
        self.params.iter().filter(|param| param.is_constant())
    }

    /// Returns the constants that these `values` mention.
    pub(crate) fn constants_in<'s>(
        &'s self,
        values: impl Iterator<Item = &'s Expr> + Clone,
    ) -> impl Iterator<Item = &'s Param<'a>> {
        self.constants().filter(move |param| {
            let name = param.name.to_string();
            let mut values = values.clone();
            values.any(|value| uses(value.to_token_stream(), &name))
        })
    }

    /// Returns the arguments that each worker makes for itself, and the expressions that make them.
    pub(crate) fn locals(&self) -> impl DoubleEndedIterator<Item = (&Param<'a>, &'a Expr)> + Clone {
        self.params.iter().filter_map(|param| match param.role {
            Role::Local(Some(value)) => Some((param, value)),
            _ => None,
        })
    }

    /// Returns the arguments that are made for each item, and the closures that make them.
    pub(crate) fn eaches(&self) -> impl Iterator<Item = (&Param<'a>, &'a Expr)> + Clone {
        self.params.iter().filter_map(|param| match param.role {
            Role::Each(Some(value)) => Some((param, value)),
            _ => None,
        })
    }

    /// Returns whether items come with their positions.
    pub(crate) fn has_positions(&self) -> bool {
        self.eaches().next().is_some()
    }

    /// Returns whether each item of the argument at `rank` serves several items of the call.
    pub(crate) fn is_reused(&self, rank: usize) -> bool {
        self.combine == Combine::Grid && rank + 1 < self.varying().len()
    }

    /// Returns whether the function is called as `Self::f`.
    pub(crate) fn is_associated(&self) -> bool {
        matches!(self.place, Place::Impl(_) | Place::Trait(_))
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
