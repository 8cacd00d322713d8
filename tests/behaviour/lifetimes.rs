//! Results that borrow from the items, the constants or `self`, as in the function.

use std::borrow::Cow;

use parallelize::parallel;

use crate::assert_agree;

#[parallel]
fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

#[parallel]
fn find<'k>(name: &str, known: &'k [String]) -> Option<&'k str> {
    known
        .iter()
        .map(String::as_str)
        .find(|known| *known == name)
}

#[parallel]
fn pick(index: usize, words: &[String]) -> &str {
    &words[index]
}

#[parallel]
fn longer<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() < b.len() { b } else { a }
}

#[parallel]
fn named<'a, 'b: 'a>(a: &'b str, _b: &str) -> &'a str {
    a
}

#[parallel]
fn halves((text, at): (&str, usize)) -> (&str, &str) {
    text.split_at(at)
}

#[parallel]
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

#[parallel]
fn rows<'item>(row: &'item [u8], skip: &dyn Skip) -> impl Iterator<Item = &'item u8> + use<'item> {
    row.iter().skip(skip.skip())
}

#[parallel]
fn equals(text: &str) -> impl Fn(&str) -> bool + use<'_> {
    move |other| other == text
}

trait Skip: Sync {
    fn skip(&self) -> usize;
}

impl Skip for usize {
    fn skip(&self) -> usize {
        *self
    }
}

#[parallel]
fn apply(
    text: &str,
    function: fn(&str) -> &str,
    boxed: &(dyn for<'x> Fn(&'x str) -> &'x str + Sync),
) -> usize {
    boxed(function(text)).len()
}

#[parallel]
#[allow(mismatched_lifetime_syntaxes)]
fn fixed(text: &'static str) -> &str {
    text
}

struct Holder<'a, T>(&'a T);

#[parallel]
fn held<T: Clone>(holder: Holder<'_, T>, other: &Holder<'_, T>) -> (T, T) {
    (holder.0.clone(), other.0.clone())
}

#[parallel]
fn through<T>(index: usize, holders: &[Holder<'_, T>]) -> usize {
    index + holders.len()
}

impl<'a, T> Holder<'a, T> {
    #[parallel]
    fn borrow(&self, x: usize) -> (usize, Holder<'_, T>) {
        (x, Holder(self.0))
    }

    #[parallel]
    fn renew(&self, x: usize) -> Option<Holder<'a, T>> {
        (x > 0).then_some(Holder(self.0))
    }

    #[parallel]
    fn same(&self, other: &Holder<'_, T>) -> bool
    where
        T: PartialEq,
    {
        self.0 == other.0
    }
}

#[parallel]
fn shorten<'a, T>(holder: Holder<'static, T>) -> Holder<'a, T> {
    Holder(holder.0)
}

trait Held<'a>: Sized {
    #[parallel]
    fn held(&'a self, x: u8) -> Option<Holder<'a, Self>> {
        (x > 0).then_some(Holder(self))
    }

    #[parallel]
    fn not_held(self, x: u8) -> Option<Holder<'a, Self>> {
        let _ = x;
        None
    }
}

impl Held<'_> for u8 {}

struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    #[parallel]
    fn same(&self, other: &Text<'_>) -> bool {
        self.0 == other.0
    }

    #[parallel]
    fn longer(&'a self, other: &'a Self) -> &'a Self {
        if self.0.len() < other.0.len() {
            other
        } else {
            self
        }
    }
}

struct Words(Vec<String>);

impl Words {
    #[parallel]
    fn get(&self, index: usize, _key: &str) -> &str {
        &self.0[index]
    }

    #[parallel]
    fn prefix(&self, text: &str) -> Option<&String> {
        self.0.iter().find(|word| text.starts_with(*word))
    }

    #[parallel]
    fn strip<'a>(&self, text: &'a str) -> &'a str {
        self.0
            .iter()
            .fold(text, |text, word| text.trim_start_matches(word.as_str()))
    }
}

fn words() -> Vec<String> {
    (0..100).map(|i| format!("{i} {}", i * i)).collect()
}

#[test]
fn results_borrow_from_the_item() {
    let words = words();
    assert_agree(
        || {
            words
                .iter()
                .map(|word| first_word(word))
                .collect::<Vec<_>>()
        },
        || first_word_parallel(words.iter().map(String::as_str)),
    );
    assert_agree(
        || {
            words
                .iter()
                .map(|word| halves((word, 1)))
                .collect::<Vec<_>>()
        },
        || halves_parallel(words.iter().map(|word| (word.as_str(), 1))),
    );
    assert_eq!(trimmed_parallel([Cow::Borrowed(" a ")]), ["a"]);
    assert_eq!(fixed_parallel(["a"]), ["a"]);
    assert!(equals_parallel(["a", "b"])[1]("b"));
    let rows = rows_parallel([[1, 2].as_slice(), &[3, 4]], &1);
    assert_eq!(rows.into_iter().flatten().collect::<Vec<_>>(), [&2, &4]);
}

#[test]
fn results_do_not_borrow_from_the_source_of_the_items() {
    let words = words();
    let firsts = {
        let list: Vec<&str> = words.iter().map(String::as_str).collect();
        first_word_parallel(list.iter().copied())
    };
    assert_eq!(firsts[7], "7");
}

#[test]
fn results_borrow_from_a_constant() {
    let words = words();
    let found = {
        let names = [String::from("3 9"), String::from("nothing")];
        find_parallel(names.iter().map(String::as_str), &words)
    };
    assert_eq!(found, [Some("3 9"), None]);
    assert_eq!(pick_parallel(2..4, &words), ["2 4", "3 9"]);
    assert_eq!(longer_parallel(["a", "aaa"], "bb"), ["bb", "aaa"]);
    assert_eq!(named_parallel(["a", "b"], "c"), ["a", "b"]);
    assert_eq!(
        apply_parallel(["a b"], |text| &text[1..], &|text| &text[1..]),
        [1]
    );
    assert_eq!(held_parallel([Holder(&1)], &Holder(&2)), [(1, 2)]);
    assert_eq!(through_parallel(0..2, &[Holder(&2)]), [1, 2]);
}

#[test]
fn results_borrow_from_self() {
    let words = Words(words());
    let found = {
        let key = String::from("key");
        words.get_parallel(0..2, &key)
    };
    assert_eq!(found, ["0 0", "1 1"]);
    let found = {
        let texts = [String::from("3 9 27")];
        words.prefix_parallel(texts.iter().map(String::as_str))
    };
    assert_eq!(found, [Some(&"3 9".to_owned())]);
    assert_eq!(
        Holder(&1).same_parallel(&[Holder(&1), Holder(&2)]),
        [true, false]
    );
    assert_eq!(Holder(&1).borrow_parallel(0..3).len(), 3);
    assert_eq!(shorten_parallel([Holder(&"a")])[0].0, &"a");
    assert_eq!(Holder(&1).renew_parallel(0..3).iter().flatten().count(), 2);
    assert_eq!(
        2.held_parallel([1])[0].as_ref().map(|held| *held.0),
        Some(2)
    );
    assert!(2.not_held_job([1]).collect()[0].is_none());
    let text = Text("ab");
    assert_eq!(text.same_parallel(&[Text("ab"), Text("c")]), [true, false]);
    assert_eq!(text.longer_parallel(&[Text("abc")])[0].0, "abc");
    assert_eq!(words.strip_parallel(["1 1x"]), ["x"]);
}
