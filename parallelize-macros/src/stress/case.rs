//! One use of the attribute: what stands in its parentheses, and the item below it.

use std::str::FromStr;

use proc_macro2::{Group, TokenStream, TokenTree};

const ARGS: &[&str] = &[
    "",
    "over(a), name = g, crate = ::p::q",
    "zip(a, b, c), skip_none, fail_fast",
    "grid(a, self), local(b = 1, c = vec![0; 3])",
    "over(self), local(r#type = ())",
    "over(a), threads = 2 + 2, cluster, fail_fast",
    "over, = , (a)",
];

const ITEMS: &[&str] = &[
    "fn f(a: u64) {}",
    "#[cfg(x)] #[must_use] pub(crate) const unsafe extern \"C\" fn f<'a, T: X + 'a, const N: usize>\
     (mut a: &'a [T; N], #[cfg(y)] b: impl Fn(&str) -> &str, (c, _): (u8, &dyn Y<'_>)) \
     -> Option<&'a T> where T: Z, { a }",
    "fn f(self: &Arc<Self>, a: Cow<'_, str>, b: &mut Vec<u8>, ..) -> impl Z + use<'_>;",
    "async fn r#match<r#type>(r#match: r#type, _a: <r#type as X>::Y, _: [u8; { 1 }], __b: u8) \
     -> Result<r#type, !> {}",
    "fn f(&'a mut self, Point { x, y: ref b, .. }: Point, [c, .., _]: [&u8; 3], &d: &u8) \
     -> (impl A, Box<dyn B + '_>) {}",
    "fn f(&self, a: for<'x> fn(&'x u8), b: &(dyn for<'y> X<'y> + 'static), c: *const u8, \
     d: T![u8]) -> Self::A {}",
    "fn f(a: &str, b: &[u8], c: Vec<(String, Option<u64>)>) -> Result<Option<String>, E> {}",
    "struct S<T>(T);",
    "impl<T> S<T> { fn f(a: u8) -> u8 { a } }",
    "let f = |a| a + 1;",
    "",
];

/// Makes the choices that a case depends on.
pub(crate) trait Choices {
    /// Returns a number below `end`, or 0 if `end` is 0.
    fn below(&mut self, end: usize) -> usize;
}

/// Returns arguments and an item that a person could have written.
pub(crate) fn plain_case(choices: &mut impl Choices) -> (TokenStream, TokenStream) {
    let args = ARGS[choices.below(ARGS.len())];
    let item = ITEMS[choices.below(ITEMS.len())];
    (parse(args), parse(item))
}

/// Returns arguments and an item with mistakes.
pub(crate) fn any_case(choices: &mut impl Choices) -> (TokenStream, TokenStream) {
    let (args, item) = plain_case(choices);
    (mutate(args, choices), mutate(item, choices))
}

/// Checks an expansion: the item comes first in it, and it can be parsed if the item can.
pub(crate) fn check(args: &TokenStream, item: &TokenStream) {
    let expanded = crate::expand::expand(args.clone(), item);
    let swallowed = !expanded.to_string().starts_with(item.to_string().as_str());
    assert!(!swallowed, "#[parallel({args})]\n{item}");
    if syn::parse2::<syn::ItemFn>(item.clone()).is_ok() {
        let parsed = syn::parse2::<syn::File>(expanded);
        assert!(
            parsed.is_ok(),
            "#[parallel({args})]\n{item}\n{:?}",
            parsed.err()
        );
    }
}

/// Removes, copies, swaps or inserts some tokens.
fn mutate(tokens: TokenStream, choices: &mut impl Choices) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for _ in 0..choices.below(3) {
        let (one, other) = (choices.below(tokens.len()), choices.below(tokens.len()));
        match choices.below(5) {
            _ if tokens.is_empty() => {}
            0 => drop(tokens.remove(one)),
            1 => tokens.insert(other, tokens[one].clone()),
            2 => tokens.swap(one, other),
            3 => drop(tokens.splice(other..other, spare(choices))),
            _ => {
                if let TokenTree::Group(group) = &tokens[one] {
                    let inner = mutate(group.stream(), choices);
                    tokens[one] = Group::new(group.delimiter(), inner).into();
                }
            }
        }
    }
    tokens.into_iter().collect()
}

/// Returns a token of any case.
fn spare(choices: &mut impl Choices) -> Option<TokenTree> {
    let all = [ARGS, ITEMS].concat();
    let tokens: Vec<TokenTree> = parse(all[choices.below(all.len())]).into_iter().collect();
    tokens.get(choices.below(tokens.len())).cloned()
}

fn parse(text: &str) -> TokenStream {
    TokenStream::from_str(text).expect("tokens")
}
