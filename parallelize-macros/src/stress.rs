//! Puts the attribute on random items: it never panics, and it always keeps the item.

use std::str::FromStr;

use proc_macro2::{Group, TokenStream, TokenTree};

const ARGS: &[&str] = &[
    "",
    "over(a), name = g, crate = ::p::q",
    "zip(a, b, c), skip_none, fail_fast",
    "grid(a, self), local(b = 1, c = vec![0; 3])",
    "over(self), local(r#type = ())",
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
    "struct S<T>(T);",
    "impl<T> S<T> { fn f(a: u8) -> u8 { a } }",
    "let f = |a| a + 1;",
    "",
];

/// A pseudo-random generator (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).expect("a remainder")
    }

    /// Removes, copies, swaps or inserts some tokens.
    fn mutate(&mut self, tokens: TokenStream, spare: &[TokenTree]) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for _ in 0..self.below(3) {
            let (one, other) = (self.below(tokens.len()), self.below(tokens.len()));
            match self.below(5) {
                _ if tokens.is_empty() => {}
                0 => drop(tokens.remove(one)),
                1 => tokens.insert(other, tokens[one].clone()),
                2 => tokens.swap(one, other),
                3 => tokens.insert(other, spare[self.below(spare.len())].clone()),
                _ => {
                    if let TokenTree::Group(group) = &tokens[one] {
                        let inner = self.mutate(group.stream(), spare);
                        tokens[one] = Group::new(group.delimiter(), inner).into();
                    }
                }
            }
        }
        tokens.into_iter().collect()
    }
}

#[test]
fn any_item_and_any_attribute() {
    let parse = |text: &&str| TokenStream::from_str(text).expect("tokens");
    let args: Vec<TokenStream> = ARGS.iter().map(parse).collect();
    let items: Vec<TokenStream> = ITEMS.iter().map(parse).collect();
    let spare: Vec<TokenTree> = items.iter().chain(&args).cloned().flatten().collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..5_000 {
        let mut args = args[random.below(args.len())].clone();
        let mut item = items[random.below(items.len())].clone();
        if round >= 200 {
            args = random.mutate(args, &spare);
            item = random.mutate(item, &spare);
        }
        let expanded = crate::expand(args.clone(), &item);
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
}
