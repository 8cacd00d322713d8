//! The facade under another name, directly and through a re-export, in edition 2021.
#![deny(warnings)]

use std::fmt::Display;

use threads::parallel;

pub mod again {
    pub mod inside {
        pub use threads::*;
    }
}

pub struct Model(u64);

#[parallel(crate = ::threads)]
pub fn add(x: u64, model: &Model) -> u64 {
    x + model.0
}

#[again::inside::parallel(crate = crate::again::inside, zip(a, b), fail_fast)]
pub fn divide(a: u64, b: u64) -> Result<u64, String> {
    a.checked_div(b).ok_or_else(|| format!("{a} by nothing"))
}

#[parallel(crate = ::threads, local(text = String::new()))]
pub fn show(x: impl Display, text: &mut String, unit: &dyn Unit) -> String {
    text.clear();
    text.push_str(&x.to_string());
    text.push_str(unit.name());
    text.clone()
}

pub trait Unit: Sync {
    fn name(&self) -> &str;

    #[parallel(crate = ::threads)]
    fn with(&self, value: f64) -> String {
        format!("{value}{}", self.name())
    }
}

impl Unit for str {
    fn name(&self) -> &str {
        self
    }
}

impl Unit for String {
    fn name(&self) -> &str {
        self
    }
}

// In edition 2021, an opaque result captures an elided lifetime only if it names it.
#[parallel(crate = ::threads)]
pub fn length(text: &str) -> impl Display {
    text.len()
}

#[parallel(crate = ::threads)]
pub fn words(text: &str) -> impl Iterator<Item = &str> + '_ {
    text.split(' ')
}

#[parallel(crate = ::threads)]
pub fn shorter<'a>(text: &'a str, model: &Model) -> impl Display + 'a {
    &text[model.0 as usize..]
}

#[cfg(feature = "cluster")]
#[parallel(crate = ::threads, cluster, grid(x, y), skip_none)]
pub fn everywhere(x: u64, y: &str, names: &[String], more: Vec<u8>) -> Option<String> {
    Some(format!("{x}{y}{}{more:?}", names.first()?))
}

#[cfg(feature = "cluster")]
#[test]
fn a_cluster_function_agrees() {
    let names = ["n".to_owned()];
    let all = everywhere_parallel([1, 2], ["a"], &names, vec![3]);
    assert_eq!(all, ["1an[3]", "2an[3]"]);
}

#[test]
fn companions_agree() {
    assert_eq!(add_parallel(0..3, &Model(1)), [1, 2, 3]);
    assert_eq!(divide_parallel([4, 6], [2, 3]), Ok(vec![2, 2]));
    assert_eq!(show_parallel([1, 2], &String::from("m")), ["1m", "2m"]);
    assert_eq!(String::from("m").with_parallel([0.5]), ["0.5m"]);
    assert_eq!(length_parallel(["a", "bc"])[1].to_string(), "2");
    assert_eq!(words_parallel(["a b"]).into_iter().flatten().count(), 2);
    let shorter = shorter_parallel(["abc"], &Model(1));
    assert_eq!(shorter[0].to_string(), "bc");
}
