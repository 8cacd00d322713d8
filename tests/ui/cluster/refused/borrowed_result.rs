use std::borrow::Cow;

use parallelize::parallel;

#[parallel(cluster)]
fn word(text: &str) -> &str {
    text
}

#[parallel(cluster)]
fn words(text: &str) -> Option<Vec<&str>> {
    Some(vec![text])
}

#[parallel(cluster)]
fn cow(text: &str) -> Cow<'_, str> {
    text.into()
}

#[parallel(cluster)]
fn opaque(text: &str) -> impl Iterator<Item = u64> {
    0..text.len() as u64
}

fn main() {}
