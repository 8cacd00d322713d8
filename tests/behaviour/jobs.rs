//! The companion that returns a job.

use std::sync::Arc;

use parallelize::{Job, Outcome, Stop, Work, parallel};

#[parallel]
fn scaled(x: f64, factor: f64, offsets: Vec<f64>) -> f64 {
    offsets.iter().fold(x, |sum, offset| sum * factor + offset)
}

#[test]
fn a_job_can_be_returned_from_a_function() {
    fn later() -> Job<impl Iterator<Item = f64> + Send, impl Work<f64, Output = f64>> {
        let offsets = vec![1.0, 2.0];
        scaled_job((0..1_000).map(f64::from), 0.5, offsets)
    }
    let looped: Vec<f64> = (0..1_000)
        .map(|x| scaled(x.into(), 0.5, vec![1.0, 2.0]))
        .collect();
    for threads in [0, 1, 2, 16] {
        assert_eq!(later().threads(threads).collect(), looped);
    }
}

struct Words {
    known: Vec<String>,
}

impl Words {
    #[parallel]
    fn find(&self, prefix: &str) -> Option<&str> {
        self.known
            .iter()
            .map(String::as_str)
            .find(|word| word.starts_with(prefix))
    }
}

#[test]
fn a_job_borrows_what_the_function_borrows() {
    let words = Words {
        known: ["one", "two", "three"].map(str::to_owned).into(),
    };
    let prefixes: Vec<String> = (0..600)
        .map(|i| ["t", "x", "th"][i % 3].to_owned())
        .collect();
    let found = {
        let job = words.find_job(prefixes.iter().map(String::as_str));
        job.threads(4).collect()
    };
    let looped: Vec<_> = prefixes.iter().map(|prefix| words.find(prefix)).collect();
    assert_eq!(found, looped);
}

#[parallel(zip(text, base), fail_fast, local(digits = vec![0; usize::from(width)]))]
fn parse(
    text: &str,
    base: u32,
    width: u8,
    digits: &mut Vec<u32>,
) -> Result<u32, std::num::ParseIntError> {
    digits.rotate_left(1);
    digits[usize::from(width) - 1] = base;
    u32::from_str_radix(text, base)
}

#[test]
fn a_job_stops_at_the_first_error_and_names_it() {
    let texts: Vec<String> = (0..500).map(|i| i.to_string()).collect();
    let bases: Vec<u32> = (0..500).map(|i| if i == 321 { 3 } else { 10 }).collect();
    for threads in [1, 2, 16] {
        let items = texts.iter().map(String::as_str);
        let job = parse_job(items.clone(), bases.clone(), 3).threads(threads);
        let error = job.try_collect().unwrap_err();
        assert_eq!(
            (error.index, error.to_string().as_str()),
            (321, "item 321: invalid digit found in string",)
        );
        assert_eq!(
            parse_parallel(items, bases.clone(), 3).unwrap_err(),
            error.error
        );
    }
}

#[parallel(grid(x, y))]
fn area(x: u64, y: u64) -> u64 {
    x * y
}

#[test]
fn a_job_of_a_grid_agrees_with_the_loop() {
    let looped: Vec<u64> = (0..30)
        .flat_map(|x| (0..20).map(move |y| area(x, y)))
        .collect();
    assert_eq!(area_job(0..30, 0..20).threads(3).collect(), looped);
}

#[test]
#[should_panic = "item 7: seven"]
fn a_job_of_a_closure_names_the_item_that_panics() {
    parallelize::job(0..10, |i| assert!(i != 7, "seven"))
        .threads(2)
        .collect();
}

#[parallel(grid(x, y), fail_fast, skip_none, local(seen = 0))]
fn ratio(x: u32, y: u32, limit: &u32, seen: &mut u32) -> Result<Option<u32>, String> {
    assert_eq!(*seen, 0, "half changed");
    *seen = x;
    let ratio = x / y;
    *seen = 0;
    (ratio < *limit)
        .then_some((ratio > 1).then_some(ratio))
        .ok_or_else(|| format!("{x} by {y} is too much"))
}

#[test]
fn a_job_loses_only_the_items_that_panic() {
    let loop_of = |x| (0..4).map(move |y| (x, y));
    for threads in [1, 2, 16] {
        let job = ratio_job(1..50, 0..4, &20).threads(threads);
        let outcomes = job.outcomes();
        assert_eq!(outcomes.len(), 49 * 4);
        for (i, ((x, y), outcome)) in (1..50).flat_map(loop_of).zip(outcomes).enumerate() {
            match outcome {
                Outcome::Done(result) => assert_eq!(result, ratio(x, y, &20, &mut 0)),
                Outcome::Panicked(panic) => {
                    assert_eq!(y, 0);
                    let expected = format!("item {i}: attempt to divide by zero");
                    assert_eq!(panic.to_string(), expected);
                }
                Outcome::Died(_) | Outcome::Skipped => unreachable!(),
            }
        }
    }
}

#[parallel]
fn stopping(item: u64, last: u64, stop: &Stop) -> u64 {
    if item == last {
        stop.stop();
    }
    item * 2
}

#[test]
fn a_stop_ends_a_job_and_skips_the_next_one() {
    for chunk in [0, 1, 7, 1_000] {
        let stop = Stop::new();
        let job = stopping_job(0.., 99, &stop).threads(1).chunk_size(chunk);
        let outcomes = job.outcomes_until(&stop).into_iter();
        let done = outcomes.filter_map(Outcome::done);
        assert!(done.eq((0..100).map(|item| item * 2)));
        let job = stopping_job(0..100, 99, &stop).chunk_size(chunk);
        assert!(job.outcomes_until(&stop).iter().all(Outcome::is_skipped));
    }
}

#[parallel]
fn length(word: String, known: Arc<Vec<String>>, least: usize, name: &'static str) -> usize {
    known.iter().filter(|known| **known == word).count() * least + name.len()
}

#[test]
fn a_job_that_owns_everything_runs_in_the_background() {
    let words: Vec<String> = (0..300).map(|i| (i % 40).to_string()).collect();
    let known = Arc::new(words.clone());
    let job = length_job(words.clone(), known.clone(), 3, "name").threads(4);
    let handle = job.spawn();
    let looped = words
        .into_iter()
        .map(|word| length(word, known.clone(), 3, "name"));
    assert!(looped.eq(handle.join()));
}
