//! Items and constants in every form in which they can be passed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use parallelize::parallel;
use serde::{Deserialize, Serialize};

use crate::ranks::{assert_agree, item};

/// A constant that is not `Clone`.
#[derive(Deserialize, Serialize)]
pub(crate) struct Model {
    pub(crate) weights: Vec<f64>,
}

impl Model {
    fn new() -> Self {
        Self {
            weights: (0..20).map(|i| f64::from(i) / 7.0).collect(),
        }
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Params {
    seed: u32,
    name: String,
}

fn params() -> Vec<Params> {
    let params = (0..200).map(|seed| Params {
        seed,
        name: format!("p{seed}"),
    });
    params.collect()
}

#[parallel(cluster)]
fn simulate(p: Params, steps: usize, tags: Vec<String>, model: &Model) -> (String, f64) {
    item();
    let tag = &tags[p.seed as usize % tags.len()];
    let weights = model.weights.iter().take(steps);
    (
        format!("{tag} {}", p.name),
        weights.sum::<f64>() * f64::from(p.seed),
    )
}

#[test]
fn constants_are_copied_cloned_and_shared() {
    let (tags, model) = (vec!["a".to_owned(), "b".to_owned()], Model::new());
    assert_agree(
        || {
            params()
                .into_iter()
                .map(|p| simulate(p, 9, tags.clone(), &model))
                .collect::<Vec<_>>()
        },
        || simulate_parallel(params(), 9, tags.clone(), &model),
    );
    assert_agree(
        || {
            params()
                .into_iter()
                .map(|p| simulate(p, 9, tags.clone(), &model))
                .collect::<Vec<_>>()
        },
        || simulate_job(params(), 9, tags.clone(), &model).collect(),
    );
}

#[parallel(cluster)]
fn borrowed(
    text: &str,
    words: &[String],
    folder: &Path,
    kind: &OsStr,
    sep: &str,
    model: &Model,
) -> String {
    item();
    let file = folder.join(text).with_extension(kind);
    let sum: f64 = model.weights.iter().sum();
    format!(
        "{}{sep}{}{sep}{sum}",
        file.display(),
        words[text.len() % words.len()]
    )
}

#[test]
fn items_and_constants_may_be_references() {
    let texts: Vec<String> = (0..200).map(|i| "x".repeat(i % 9)).collect();
    let texts = || texts.iter().map(String::as_str);
    let words = ["one", "two", "three"].map(str::to_owned);
    let call = |text| {
        borrowed(
            text,
            &words,
            Path::new("/tmp"),
            OsStr::new("txt"),
            ", ",
            &Model::new(),
        )
    };
    assert_agree(
        || texts().map(call).collect::<Vec<_>>(),
        || {
            borrowed_parallel(
                texts(),
                &words,
                Path::new("/tmp"),
                OsStr::new("txt"),
                ", ",
                &Model::new(),
            )
        },
    );
}

#[parallel(cluster)]
fn of_model(model: &Model, power: &&i32, slices: &&[u64]) -> f64 {
    item();
    model.weights.iter().map(|w| w.powi(**power)).sum::<f64>() + slices[1] as f64
}

#[parallel(cluster, over(x))]
fn twice_borrowed(x: &&str, by: &i32) -> String {
    item();
    x.repeat(*by as usize)
}

#[test]
fn items_and_constants_may_be_references_to_references() {
    let models: Vec<Model> = (0..200).map(|_| Model::new()).collect();
    assert_agree(
        || {
            models
                .iter()
                .map(|m| of_model(m, &&2, &&[1, 2][..]))
                .collect::<Vec<_>>()
        },
        || of_model_parallel(&models, &&2, &&[1, 2][..]),
    );
    let words = ["a", "bc"].repeat(100);
    assert_agree(
        || {
            words
                .iter()
                .map(|x| twice_borrowed(x, &3))
                .collect::<Vec<_>>()
        },
        || twice_borrowed_parallel(&words, &3),
    );
}

#[parallel(cluster)]
fn named<'item, 'constant: 'item>(
    text: Cow<'item, str>,
    model: &'constant Model,
    known: &BTreeMap<Cow<'constant, str>, u64>,
) -> Option<u64> {
    item();
    known
        .get(&text)
        .map(|known| known + model.weights.len() as u64)
}

#[parallel(cluster)]
fn elided(text: Cow<'_, str>, other: Cow<'_, str>) -> String {
    item();
    text.into_owned() + &other
}

#[test]
fn named_and_elided_lifetimes_are_accepted() {
    let texts: Vec<String> = (0..200).map(|i| (i % 7).to_string()).collect();
    let texts = || texts.iter().map(|text| Cow::Borrowed(text.as_str()));
    let known = (0..5).map(|i| (Cow::Owned(i.to_string()), i)).collect();
    let model = Model::new();
    assert_agree(
        || {
            texts()
                .map(|text| named(text, &model, &known))
                .collect::<Vec<_>>()
        },
        || named_parallel(texts(), &model, &known),
    );
    assert_agree(
        || {
            texts()
                .map(|text| elided(text, "x".into()))
                .collect::<Vec<_>>()
        },
        || elided_job(texts(), "x".into()).collect(),
    );
}

struct Point;

#[parallel(cluster)]
fn patterns(
    (a, [b, _]): (u64, [u64; 2]),
    Params { seed, .. }: Params,
    _: &str,
    mut c: u64,
    _unused: u64,
) -> u64 {
    let _ = Point;
    item();
    c += a;
    c * b + u64::from(seed)
}

#[test]
fn patterns_are_accepted() {
    let items = || (0..200).map(|i| (i, [i + 1, i + 2]));
    assert_agree(
        || {
            items()
                .map(|i| patterns(i, params().remove(7), "", 3, 4))
                .collect::<Vec<_>>()
        },
        || patterns_parallel(items(), params().remove(7), "", 3, 4),
    );
}

#[parallel(cluster)]
fn alone(x: u64) -> u64 {
    item();
    x + 1
}

#[test]
fn a_function_may_have_no_constants() {
    assert_agree(|| (1..201).collect::<Vec<_>>(), || alone_parallel(0..200));
}
