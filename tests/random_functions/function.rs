//! Makes one function with its attribute.

use super::Random;
use super::words::{
    BEFORE, BORROWED, ELIDED, GENERIC, LOCALS, NAMES, OUTPUTS, OWNED, PATTERNS, TYPE_NAMES,
};

/// Where a function stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Module,
    Body,
    Impl,
    ImplOfBorrowed,
    Trait,
}

struct Argument {
    /// The name, unless it is a pattern.
    name: Option<&'static str>,
    text: String,
    ty: &'static str,
    /// The first value of an argument that workers have of their own.
    local: Option<&'static str>,
}

/// Returns the text of a function with an attribute. Its names end with `number`.
pub(crate) fn function(number: usize, random: &mut Random) -> String {
    let places = [
        Place::Module,
        Place::Body,
        Place::Impl,
        Place::ImplOfBorrowed,
        Place::Trait,
    ];
    let place = random.one_of(&places);
    let receiver = receiver(place, random);
    let mut arguments = arguments(random);
    let over_self = !receiver.is_empty() && random.once_in(6);
    if over_self && random.once_in(3) {
        arguments.retain(|argument| argument.local.is_some());
    }
    let output = output(receiver, &arguments, place, random);
    let type_name = random.one_of(TYPE_NAMES);
    let options = options(number, over_self, &arguments, output, random);
    let types: Vec<&str> = arguments
        .iter()
        .map(|argument| argument.ty)
        .chain([output, receiver])
        .collect();
    let (generics, bounds) = generics(&types, random);
    let list = arguments.iter().map(|argument| argument.text.clone());
    let list: Vec<String> = (!receiver.is_empty())
        .then(|| receiver.to_owned())
        .into_iter()
        .chain(list)
        .collect();
    let visibility = match place {
        Place::Trait => "",
        _ => random.one_of(&["", "pub ", "pub(crate) "]),
    };
    let modifiers = random.one_of(&["", "", "", "", "unsafe ", "extern \"C\" "]);
    let arrow = if output.is_empty() { "" } else { " -> " };
    let body = if output == "impl Debug" {
        "7_u8"
    } else {
        "todo!()"
    };
    let text = format!(
        "{options}\n{}{visibility}{modifiers}fn f{number}{generics}({}){arrow}{output}{bounds} {{ {body} }}",
        random.one_of(BEFORE),
        list.join(", "),
    );
    let text = text.replace("%T", type_name);
    match place {
        Place::Module => format!("{text}\n\n"),
        Place::Body => format!("fn outer{number}() {{ {text} }}\n\n"),
        Place::Impl => format!("impl Point {{ {text} }}\n\n"),
        Place::ImplOfBorrowed => format!("impl<'b> Borrowed<'b> {{ {text} }}\n\n"),
        Place::Trait => format!("trait Trait{number}: Clone + Send + Sync {{ {text} }}\n\n"),
    }
}

fn receiver(place: Place, random: &mut Random) -> &'static str {
    match place {
        Place::Module | Place::Body => "",
        _ => random.one_of(&[
            "",
            "&self",
            "&self",
            "self",
            "&'a self",
            "self: &Self",
            "self: Arc<Self>",
        ]),
    }
}

/// Returns one to four arguments. The first is neither a pattern nor a local.
fn arguments(random: &mut Random) -> Vec<Argument> {
    let mut names: Vec<&str> = NAMES.to_vec();
    let mut patterns = PATTERNS.to_vec();
    let count = 1 + random.below(4);
    let mut arguments: Vec<Argument> = Vec::new();
    while arguments.len() < count {
        if random.once_in(5) {
            let (text, ty) = patterns.swap_remove(random.below(patterns.len()));
            arguments.push(Argument {
                name: None,
                text: format!("{text}: {ty}"),
                ty,
                local: None,
            });
            continue;
        }
        let name = names.swap_remove(random.below(names.len()));
        let (ty, local) = match random.below(7) {
            0 if !arguments.is_empty() => {
                let (ty, value) = random.one_of(LOCALS);
                (ty, Some(value))
            }
            0..=2 => (random.one_of(OWNED), None),
            3 | 4 => (random.one_of(BORROWED), None),
            _ => (random.one_of(GENERIC), None),
        };
        arguments.push(Argument {
            name: Some(name),
            text: format!("{name}: {ty}"),
            ty,
            local,
        });
    }
    arguments
}

/// Returns the type of the results. A lifetime that it elides has one meaning.
fn output(
    receiver: &str,
    arguments: &[Argument],
    place: Place,
    random: &mut Random,
) -> &'static str {
    let has_locals = arguments.iter().any(|argument| argument.local.is_some());
    let lifetimes: usize = arguments
        .iter()
        .map(|argument| lifetimes_in(argument.ty))
        .sum();
    let is_clear = receiver.contains('&') || (lifetimes == 1 && receiver.is_empty() && !has_locals);
    if is_clear && random.once_in(3) {
        return random.one_of(ELIDED);
    }
    match random.one_of(OUTPUTS) {
        // An opaque type borrows from all arguments, and no result can borrow from a local.
        "impl Debug" if place == Place::Trait || has_locals => "u64",
        output => output,
    }
}

/// Returns the number of lifetimes in the type `ty` that a result could borrow from.
fn lifetimes_in(ty: &str) -> usize {
    if ty.starts_with("for<") {
        return 0;
    }
    let unnamed = ty
        .match_indices('&')
        .filter(|(at, _)| !ty[at + 1..].starts_with('\''));
    unnamed.count() + ty.matches('\'').count()
}

/// Returns the attribute, whose options fit the function.
fn options(
    number: usize,
    over_self: bool,
    arguments: &[Argument],
    output: &str,
    random: &mut Random,
) -> String {
    let mut options = Vec::new();
    let vary = arguments.iter().filter(|argument| argument.local.is_none());
    let mut names: Vec<&str> = vary.filter_map(|argument| argument.name).collect();
    while names.len() > 2 && random.once_in(2) {
        names.swap_remove(random.below(names.len()));
    }
    if over_self {
        options.push("over(self)".to_owned());
    } else if names.len() > 1 && random.once_in(2) {
        options.push(format!(
            "{}({})",
            random.one_of(&["zip", "grid"]),
            names.join(", ")
        ));
    } else if !names.is_empty() && random.once_in(2) {
        options.push(format!("over({})", random.one_of(&names)));
    }
    let value = |argument: &Argument| Some(format!("{} = {}", argument.name?, argument.local?));
    let (locals, eaches): (Vec<_>, Vec<_>) = arguments
        .iter()
        .filter_map(value)
        .partition(|_| random.once_in(2));
    if !locals.is_empty() {
        options.push(format!("local({})", locals.join(", ")));
    }
    if !eaches.is_empty() {
        let eaches = eaches.join(", ").replace(" = ", " = |i: usize| ");
        options.push(format!("each({eaches})"));
    }
    let fails = output.starts_with("Result") && random.once_in(2);
    if fails {
        options.push("fail_fast".to_owned());
    }
    if output.starts_with("Option") && random.once_in(2) || fails && output.contains("<Option") {
        options.push("skip_none".to_owned());
    }
    let more = [
        "threads = 2".to_owned(),
        format!("name = other{number}"),
        "crate = ::parallelize".to_owned(),
    ];
    options.extend(more.into_iter().filter(|_| random.once_in(8)));
    match &*options {
        [] => "#[parallel]".to_owned(),
        _ => format!("#[parallel({})]", options.join(", ")),
    }
}

/// Returns the parameters of a function whose arguments and results have these `types`, and the
/// bounds behind them.
fn generics(types: &[&str], random: &mut Random) -> (String, String) {
    let has = |word: &str| types.iter().any(|ty| ty.contains(word));
    let mut generics = Vec::new();
    if has("'a") {
        generics.push("'a".to_owned());
    }
    let mut bounds = "";
    if has("%T") {
        // `Cow` needs it, and so do constants and grids, which are cloned.
        let outlives = if has("&'a %T") { " + 'a" } else { "" };
        if random.once_in(3) {
            bounds = " where %T: Clone";
            generics.push(format!("%T: Debug{outlives}"));
        } else {
            generics.push(format!("%T: Clone{outlives}"));
        }
    }
    if has("; N]") {
        generics.push("const N: usize".to_owned());
    }
    if generics.is_empty() {
        return (String::new(), String::new());
    }
    (format!("<{}>", generics.join(", ")), bounds.to_owned())
}
