//! Arguments that are made for each item: as in a loop that makes them.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use parallelize::{Outcome, parallel, seed};

use crate::assert_agree;

#[parallel(each(rng = |index| Rng::with_seed(parallelize::seed(*first, index))))]
fn noisy(x: f64, rng: &mut Rng, _first: &u64) -> f64 {
    x + rng.f64()
}

/// The loop that `noisy` is compared with.
fn looped(items: usize) -> Vec<f64> {
    let rng = |index| Rng::with_seed(seed(7, index));
    let noisy = |(index, x)| noisy(x, &mut rng(index), &7);
    numbers(items).enumerate().map(noisy).collect()
}

fn numbers(items: usize) -> impl Iterator<Item = f64> + Send {
    (0..items).map(|i| i as f64)
}

#[test]
fn random_numbers_belong_to_positions() {
    for items in [0, 1, 100, 5_000] {
        assert_agree(|| looped(items), || noisy_parallel(numbers(items), &7));
    }
}

#[test]
fn a_job_gives_them_in_every_way() {
    let expected = looped(2_000);
    let sum = noisy_job(numbers(2_000), &7).threads(1).sum::<f64>();
    for threads in [1, 2, 16] {
        for chunk in [0, 1, 7, 1_000] {
            let job = || {
                let job = noisy_job(numbers(2_000), &7);
                job.threads(threads).chunk_size(chunk)
            };
            assert_eq!(job().collect(), expected);
            assert!(job().stream(|results| results.eq(expected.iter().copied())));
            assert!(job().stream_unordered(|mut results| {
                results.all(|(index, x)| x == expected[index])
            }));
            let outcomes = job().outcomes().into_iter().filter_map(Outcome::done);
            assert!(outcomes.eq(expected.iter().copied()));
            assert_eq!(job().sum::<f64>().to_bits(), sum.to_bits());
        }
    }
    // Positions do not depend on what is known of the length.
    let filtered = noisy_job(numbers(2_000).filter(|x| *x >= 0.0), &7);
    assert_eq!(filtered.collect(), expected);
}

#[derive(Clone, Debug, PartialEq)]
struct Position(usize);

struct Model {
    offset: usize,
}

impl Model {
    #[parallel(
        over(x),
        each(a = |i| Position(i + self.offset), b = move |i: usize| [i; 2], c = |_| names.len()),
        local(buffer = Vec::with_capacity(self.offset))
    )]
    fn made(
        &self,
        a: Position,
        x: u64,
        b: &[usize; 2],
        names: Vec<String>,
        c: usize,
        buffer: &mut Vec<u64>,
    ) -> (Position, u64, usize, usize) {
        buffer.push(x);
        (a, x, b[1], c + names.len())
    }

    #[parallel(each(at = |i| self.offset + i))]
    fn owned(self: std::sync::Arc<Self>, x: u64, at: usize) -> (u64, usize) {
        (x, at + self.offset)
    }

    #[parallel(each(at = move |i| self.offset + i))]
    fn moved(self: std::sync::Arc<Self>, x: u64, at: usize) -> (u64, usize) {
        (x, at + self.offset)
    }
}

#[test]
fn values_of_any_type_use_the_constants() {
    let model = Model { offset: 3 };
    let names = || vec!["a".to_owned(), "b".to_owned()];
    assert_agree(
        || {
            let made =
                |(i, x)| model.made(Position(i + 3), x, &[i; 2], names(), 2, &mut Vec::new());
            (10..200).enumerate().map(made).collect::<Vec<_>>()
        },
        || model.made_parallel(10..200, names()),
    );
    let model = std::sync::Arc::new(model);
    assert_eq!(model.clone().moved_parallel([8, 9]), [(8, 6), (9, 7)]);
    assert_eq!(model.owned_parallel([8, 9]), [(8, 6), (9, 7)]);
}

#[parallel(zip(x, y), each(i = |i| i), skip_none)]
fn zipped(x: u64, i: usize, y: &str) -> Option<String> {
    (i % 2 == 0).then(|| format!("{x}{i}{y}"))
}

#[parallel(grid(x, y), each(i = |i| T::from(i as u8)), fail_fast)]
fn over_a_grid<T: From<u8> + Debug>(x: u64, y: u64, i: T, least: T) -> Result<String, String>
where
    T: PartialOrd + Copy,
{
    if i > least {
        Err(format!("{i:?}"))
    } else {
        Ok(format!("{x}{y}{i:?}"))
    }
}

#[test]
fn positions_are_those_of_the_call() {
    let zipped = zipped_parallel(0..4, ["a", "b", "c", "d"]);
    assert_eq!(zipped, ["00a", "22c"]);
    let grid = over_a_grid_parallel([1, 2], [3, 4], 9_u32);
    assert_eq!(grid.unwrap(), ["130", "141", "232", "243"]);
    assert_eq!(
        over_a_grid_parallel([1, 2], [3, 4], 1_u32),
        Err("2".to_owned())
    );
}

trait Draw {
    const BASE: usize;

    #[parallel(over(self), each(at = |i| Self::BASE + i))]
    fn draw(self, at: &usize) -> usize
    where
        Self: Sized,
    {
        *at
    }
}

impl Draw for u8 {
    const BASE: usize = 100;
}

#[test]
fn items_can_be_self() {
    assert_eq!(7.draw(&1), 1);
    assert_eq!(<u8 as Draw>::draw_parallel([7, 8]), [100, 101]);
}

static MADE: AtomicUsize = AtomicUsize::new(0);

#[parallel(each(counted = |_| MADE.fetch_add(1, Ordering::Relaxed)))]
fn count(x: u64, #[cfg(any())] absent: u8, counted: usize) -> u64 {
    _ = counted;
    x
}

#[test]
fn one_is_made_for_each_item() {
    assert_eq!(count_parallel(0..1_000).len(), 1_000);
    assert_eq!(MADE.load(Ordering::Relaxed), 1_000);
}

#[parallel(each(path = |i| format!("{dir}/{i}{ending:?}"), copy = |i| i))]
fn in_text(x: u64, path: String, _dir: &str, ending: Option<String>, copy: usize) -> String {
    format!("{path}{x}{copy}{ending:?}")
}

macro_rules! with_each {
    ($name:ident, $each:expr) => {
        #[parallel(each(i = $each))]
        fn $name(x: u64, i: usize) -> (u64, usize) {
            (x, i)
        }
    };
}

with_each!(doubled, |i| 2 * i);

#[test]
fn expressions_are_read_as_the_compiler_reads_them() {
    let texts = in_text_parallel([5, 6], "a", None);
    assert_eq!(texts, ["a/0None50None", "a/1None61None"]);
    assert_eq!(doubled_parallel([5, 6]), [(5, 0), (6, 2)]);
}
