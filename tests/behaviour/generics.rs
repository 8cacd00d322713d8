//! Type parameters, const parameters, where clauses, `impl Trait`.

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::Mul;

use parallelize::parallel;

use crate::assert_agree;

#[parallel]
fn show<T: Display>(x: T, k: &T) -> String {
    format!("{x} {k}")
}

#[parallel]
fn multiply<T>(x: T, k: T) -> T
where
    T: Mul<Output = T> + Clone,
{
    x * k
}

#[parallel]
fn dot<T: Copy + Mul<Output = T> + Sum, const N: usize>(row: [T; N], weights: &[T; N]) -> T {
    row.iter().zip(weights).map(|(a, b)| *a * *b).sum()
}

#[parallel]
fn nested<K, V>(pair: (K, Vec<V>), default: Option<V>) -> Result<(K, V), String>
where
    K: Debug,
    V: Clone,
{
    match pair.1.first().cloned().or(default) {
        Some(value) => Ok((pair.0, value)),
        None => Err(format!("{:?}", pair.0)),
    }
}

#[parallel]
fn opaque(x: impl Into<f64>, k: &impl Display) -> impl Display {
    format!("{} {k}", x.into())
}

#[parallel]
fn opaque_parts(x: (impl Debug, Option<impl Debug>)) -> (impl Debug, usize) {
    (format!("{x:?}"), 1)
}

/// Its names are those that the macro would choose.
#[parallel]
fn taken<I: Display, T: Display>(item: I, items: T, k: impl Display) -> String {
    format!("{item} {items} {k}")
}

#[parallel]
fn each_item<I: Iterator<Item = u64>>(items: I) -> u64 {
    items.sum()
}

#[parallel]
fn by_trait<F: Fn(u64) -> R, R>(x: u64, function: F) -> R
where
    F: Clone,
{
    function(x)
}

#[test]
fn type_parameters_are_accepted() {
    assert_agree(
        || (0..100).map(|x| show(x, &3)).collect::<Vec<_>>(),
        || show_parallel(0..100, &3),
    );
    assert_agree(
        || {
            (0..100)
                .map(|x| multiply(f64::from(x), 0.5))
                .collect::<Vec<_>>()
        },
        || multiply_parallel((0..100).map(f64::from), 0.5),
    );
    let pairs = || (0..100).map(|x| (x, vec![x; x % 2]));
    assert_agree(
        || pairs().map(|pair| nested(pair, None)).collect::<Vec<_>>(),
        || nested_parallel(pairs(), None),
    );
    assert_agree(
        || {
            (0..100)
                .map(|x| by_trait(x, |x| Some(x)))
                .collect::<Vec<_>>()
        },
        || by_trait_parallel(0..100, |x| Some(x)),
    );
}

#[test]
fn const_parameters_are_accepted() {
    let rows = || (0..100).map(|x| [x, x + 1, x + 2]);
    assert_agree(
        || rows().map(|row| dot(row, &[1, 2, 3])).collect::<Vec<i64>>(),
        || dot_parallel(rows(), &[1, 2, 3]),
    );
}

#[test]
fn impl_trait_is_accepted() {
    let show = |results: Vec<_>| results.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        show(opaque_parallel([1.5f32, 2.5], &"a")),
        ["1.5 a", "2.5 a"]
    );
    assert_eq!(
        format!("{:?}", opaque_parts_parallel([(1, None), (2, Some("b"))])),
        r#"[("(1, None)", 1), ("(2, Some(\"b\"))", 1)]"#
    );
}

#[test]
fn names_that_are_taken_do_not_collide() {
    assert_eq!(taken_parallel([1, 2], "a", 3), ["1 a 3", "2 a 3"]);
    assert_eq!(each_item_parallel([0..3, 0..4]), [3, 6]);
}

#[test]
fn a_generic_caller_needs_only_its_own_bounds() {
    fn all<T: Display + Send + Sync>(items: Vec<T>, k: &T) -> Vec<String> {
        show_parallel(items, k)
    }
    assert_eq!(all(vec![1, 2], &3), ["1 3", "2 3"]);
}

#[parallel]
fn bytes<T: ?Sized + AsRef<[u8]> + Sync>(item: &T) -> usize {
    item.as_ref().len()
}

type Text = str;

#[parallel]
fn first(text: &Text) -> Option<char> {
    text.chars().next()
}

/// The runtime asks what items point to, and that may have no size.
#[test]
fn items_may_point_to_what_has_no_size() {
    let words = ["one", "eleven"];
    assert_eq!(bytes_parallel(words), [3, 6]);
    assert_eq!(
        bytes_parallel(&[1_u32, 2].map(|i| vec![0_u8; i as usize])),
        [1, 2]
    );
    assert_eq!(first_parallel(words), [Some('o'), Some('e')]);
}

#[parallel]
fn written(sink: &mut (impl std::io::Write + Send + ?Sized)) -> bool {
    sink.write_all(b"x").is_ok()
}

#[test]
fn parentheses_around_bounds_are_no_warning() {
    let mut sinks = [Vec::new(), Vec::new()];
    assert_eq!(written_parallel(&mut sinks), [true, true]);
    assert_eq!(sinks, [b"x", b"x"]);
}

trait Pixel {
    type Sample;
}

impl Pixel for u8 {
    type Sample = f64;
}

type Image<P> = Vec<<P as Pixel>::Sample>;

#[parallel]
fn samples<P: Pixel<Sample = T>, T>(image: &Image<P>, _p: P) -> usize {
    image.len()
}

#[parallel]
fn key_sizes<I: Iterator<Item = (K, V)>, K: AsRef<str>, V>(pairs: &[I::Item], _i: &I) -> usize {
    pairs.iter().map(|(key, _)| key.as_ref().len()).sum()
}

trait Model: Sized {
    type Input;

    #[parallel]
    fn new(input: &Self::Input) -> Self;

    #[parallel]
    fn first<'a>(&self, input: &'a [Self::Input]) -> &'a Self::Input {
        &input[0]
    }
}

impl Model for usize {
    type Input = String;

    fn new(input: &String) -> Self {
        input.len()
    }
}

struct Line<P: Pixel>(P);

impl<P: Pixel<Sample = (K, V)>, K, V> Line<P> {
    #[parallel]
    fn lengths(samples: &[P::Sample]) -> usize {
        samples.len()
    }
}

impl Pixel for u16 {
    type Sample = (u8, String);
}

/// A type that is behind a reference may stand for one with other parameters.
#[test]
fn associated_types_behind_references_are_accepted() {
    assert_eq!(samples_parallel(&[vec![1.0], vec![]], 1_u8), [1, 0]);
    let pairs = [[("a", 1), ("bc", 2)]];
    assert_eq!(key_sizes_parallel(&pairs, &pairs[0].into_iter()), [3]);
    let words = ["a", "bc"].map(str::to_owned);
    assert_eq!(usize::new_parallel(&words), [1, 2]);
    assert_eq!(1.first_parallel([&words[..]]), ["a"]);
    assert_eq!(Line::<u16>::lengths_parallel([&[][..]]), [0]);
    let _ = Line(1_u16).0;
}
