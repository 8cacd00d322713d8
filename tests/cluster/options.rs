//! `cluster` together with each of the other options.

use parallelize::parallel;

use crate::arguments::Model;
use crate::ranks::{Cluster, assert_agree, item, items_elsewhere};

#[parallel(over(y), cluster)]
fn over(x: u64, y: &str, z: &u64) -> String {
    item();
    format!("{x}{y}{z}")
}

#[parallel(cluster, zip(a, c, d))]
fn zipped(a: u64, b: &str, c: &str, d: Vec<u8>) -> String {
    item();
    format!("{a}{b}{c}{d:?}")
}

#[parallel(cluster, grid(a, b, c))]
fn grid(a: String, b: u8, c: &str, d: String) -> String {
    item();
    format!("{a}{b}{c}{d}")
}

#[test]
fn several_arguments_vary() {
    let texts: Vec<String> = (0..200).map(|i| i.to_string()).collect();
    let texts = || texts.iter().map(String::as_str);
    assert_agree(
        || texts().map(|y| over(1, y, &2)).collect::<Vec<_>>(),
        || over_parallel(1, texts(), &2),
    );
    let bytes = |a| vec![a as u8; 3];
    assert_agree(
        || {
            texts()
                .zip(0..)
                .map(|(c, a)| zipped(a, "b", c, bytes(a)))
                .collect::<Vec<_>>()
        },
        || zipped_parallel(0..200, "b", texts(), (0..200).map(bytes)),
    );
    let names = || ["x", "y"].map(str::to_owned);
    let looped = || {
        let mut results = Vec::new();
        for a in names() {
            for b in 0..10 {
                for c in texts().take(10) {
                    results.push(grid(a.clone(), b, c, "d".to_owned()));
                }
            }
        }
        results
    };
    assert_agree(looped, || {
        grid_parallel(names(), 0..10, texts().take(10), "d".to_owned())
    });
    assert_agree(looped, || {
        grid_job(names(), 0..10, texts().take(10), "d".to_owned()).collect()
    });
}

#[parallel(
    cluster,
    local(text = String::with_capacity(size), sums = vec![model.weights[0]; tags.len()])
)]
fn locals(
    x: u64,
    size: usize,
    text: &mut String,
    model: &Model,
    tags: Vec<String>,
    sums: &mut Vec<f64>,
) -> String {
    item();
    assert!(text.capacity() >= size);
    assert_eq!(sums.len(), tags.len());
    text.clear();
    text.push_str(&tags[x as usize % 2]);
    sums[0] = model.weights[x as usize % 20];
    format!("{text}{}", sums[0])
}

/// Its constant has the name of the function.
#[parallel(cluster, over(x), local(buffer = vec![itself; 3]))]
fn itself(itself: u64, x: u64, buffer: &mut Vec<u64>) -> u64 {
    item();
    buffer[2] + x + itself - itself
}

#[test]
fn each_worker_makes_its_locals_from_the_constants() {
    let model = Model {
        weights: (0..20).map(f64::from).collect(),
    };
    let tags = vec!["a".to_owned(), "b".to_owned()];
    let looped = || {
        let (mut text, mut sums) = (String::with_capacity(99), vec![0.0; 2]);
        (0..200)
            .map(|x| locals(x, 99, &mut text, &model, tags.clone(), &mut sums))
            .collect::<Vec<_>>()
    };
    assert_agree(looped, || locals_parallel(0..200, 99, &model, tags.clone()));
    assert_agree(looped, || {
        locals_job(0..200, 99, &model, tags.clone()).collect()
    });
    assert_agree(
        || {
            (0..200)
                .map(|x| itself(7, x, &mut vec![7; 3]))
                .collect::<Vec<_>>()
        },
        || itself_parallel(7, 0..200),
    );
}

#[parallel(cluster, skip_none)]
fn even(x: u64) -> Option<u64> {
    item();
    (x % 2 == 0).then_some(x)
}

#[parallel(cluster, fail_fast)]
fn below(x: u64, limit: &u64) -> Result<u64, String> {
    item();
    if x < *limit {
        Ok(x)
    } else {
        Err(format!("{x} is too much"))
    }
}

type Checked<T> = Result<Option<T>, (String, u8)>;

#[parallel(cluster, fail_fast, skip_none)]
fn both(x: u64, limit: u64) -> Checked<u64> {
    item();
    if x < limit {
        Ok((x % 3 == 0).then_some(x))
    } else {
        Err((x.to_string(), 1))
    }
}

#[test]
fn skip_none_and_fail_fast_agree_with_the_loop() {
    assert_agree(
        || (0..300).step_by(2).collect::<Vec<_>>(),
        || even_parallel(0..300),
    );
    assert_agree(|| Ok((0..300).collect()), || below_parallel(0..300, &300));
    assert_agree(
        || Err("250 is too much".to_owned()),
        || below_parallel(0..300, &250),
    );
    assert_agree(
        || Ok((0..300).step_by(3).collect()),
        || both_parallel(0..300, 300),
    );
    assert_agree(|| Err(("250".to_owned(), 1)), || both_parallel(0..300, 250));
    let _cluster = Cluster::of(2, 2);
    let failure = below_job(0..300, &250).try_collect().unwrap_err();
    assert_eq!(failure.index, 250);
    // An error ends the call although an alias hides the result type.
    let begun = items_elsewhere(|| assert!(both_parallel(0..100_000, 100).is_err()));
    assert!(begun < 10_000, "{begun}");
}

#[parallel(cluster, threads = 5, name = all_of_them)]
fn renamed(x: u64) -> u64 {
    item();
    x + 1
}

#[parallel(cluster, threads = 1)]
fn on_one_thread(x: u64) -> u64 {
    item();
    x + 1
}

#[test]
fn name_and_threads_are_accepted() {
    assert_agree(|| (1..301).collect::<Vec<_>>(), || all_of_them(0..300));
    assert_agree(
        || (1..301).collect::<Vec<_>>(),
        || renamed_job(0..300).collect(),
    );
    let _cluster = Cluster::of(2, 2);
    assert_eq!(
        items_elsewhere(|| assert_eq!(on_one_thread_parallel(0..100).len(), 100)),
        0
    );
}

#[parallel(
    cluster,
    zip(x, y),
    each(at = |i| vec![i + *offset; tags.len()], text = |i| format!("{i}"))
)]
fn positioned(
    x: u64,
    at: &mut Vec<usize>,
    _offset: &usize,
    y: &str,
    tags: Vec<String>,
    text: String,
) -> String {
    item();
    at.push(tags.len());
    format!("{x}{y}{at:?}{text}")
}

#[test]
fn arguments_of_each_item_are_made_by_position() {
    let texts: Vec<String> = (0..200).map(|i| i.to_string()).collect();
    let tags = || vec!["a".to_owned(), "b".to_owned()];
    let looped = || {
        let positioned = |(i, text): (usize, &String)| {
            let at = &mut vec![i + 5; 2];
            positioned(i as u64, at, &5, text, tags(), format!("{i}"))
        };
        texts.iter().enumerate().map(positioned).collect::<Vec<_>>()
    };
    let parallel = || positioned_parallel(0..200, &5, texts.iter().map(String::as_str), tags());
    assert_agree(looped, parallel);
}
