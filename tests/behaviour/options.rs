//! Every option alone, and options together.

use std::num::ParseIntError;
use std::sync::atomic::{AtomicUsize, Ordering};

use parallelize::parallel;

use crate::assert_agree;

#[parallel(zip(a, b))]
fn weigh(a: u64, b: &str, k: u64) -> String {
    b.repeat((a * k) as usize)
}

#[parallel(zip(c, a, b))]
fn three(a: u64, b: u64, c: u64) -> [u64; 3] {
    [a, b, c]
}

#[test]
fn zipped_arguments_vary_together() {
    let words = vec!["a"; 100];
    assert_agree(
        || {
            (0..100)
                .zip(&words)
                .map(|(a, b)| weigh(a, b, 2))
                .collect::<Vec<_>>()
        },
        || weigh_parallel(0..100, words.iter().copied(), 2),
    );
    assert_eq!(
        three_parallel(0..2, 10..12, 20..22),
        [[0, 10, 20], [1, 11, 21]]
    );
}

#[test]
#[should_panic = "`a` has 3 items and `b` has 2"]
fn zipped_arguments_of_unequal_lengths_panic() {
    weigh_parallel(0..3, ["a", "b"], 2);
}

#[parallel(grid(x, y))]
fn point(x: i64, scale: i64, y: &str) -> String {
    format!("{}{y}", x * scale)
}

#[parallel(grid(c, a, b))]
fn cube(a: String, b: &u64, c: Option<u64>) -> String {
    format!("{c:?}{a}{b}")
}

#[parallel(grid(a, b))]
fn both<A: std::fmt::Display, B: std::fmt::Display>(a: A, b: B) -> String {
    format!("{a}{b}")
}

#[test]
fn a_grid_has_every_combination() {
    assert_agree(
        || {
            (0..20)
                .flat_map(|x| ["a", "b"].map(|y| point(x, 3, y)))
                .collect::<Vec<_>>()
        },
        || point_parallel(0..20, 3, ["a", "b"]),
    );
    let strings = ["x".to_owned(), "y".to_owned()];
    assert_eq!(
        cube_parallel(strings, &[1, 2], [None, Some(0)]),
        [
            "Nonex1",
            "Nonex2",
            "Noney1",
            "Noney2",
            "Some(0)x1",
            "Some(0)x2",
            "Some(0)y1",
            "Some(0)y2"
        ],
    );
    assert_eq!(both_parallel(1..3, ["a", "b"]), ["1a", "1b", "2a", "2b"]);
}

#[parallel(local(seen = Vec::with_capacity(capacity)))]
fn remember(x: u64, seen: &mut Vec<u64>, capacity: usize) -> bool {
    seen.push(x);
    seen.capacity() >= capacity && seen.contains(&x)
}

#[parallel(over(x), local(buffer = vec![0.0; names.len()], text = String::new()))]
fn sum<'a>(names: Vec<&'a str>, buffer: &mut [f64], x: usize, text: &mut String) -> &'a str {
    buffer.fill(x as f64);
    text.clear();
    text.push_str(names[x % names.len()]);
    assert!(buffer.iter().all(|value| *value == x as f64));
    names[x % names.len()]
}

struct Counter<'a>(&'a AtomicUsize);

impl<'a> Counter<'a> {
    fn new(made: &'a AtomicUsize) -> Self {
        made.fetch_add(1, Ordering::Relaxed);
        Self(made)
    }
}

#[parallel(local(counter = Counter::new(made)))]
fn made_by_workers<'a>(x: u64, counter: &mut Counter<'a>, made: &'a AtomicUsize) -> u64 {
    assert!(std::ptr::eq(counter.0, made));
    x
}

#[derive(Clone)]
struct Texts(Vec<String>);

impl Texts {
    #[parallel(local(buffer = self.0[0].clone()))]
    fn join(&self, index: usize, buffer: &mut String) -> String {
        buffer.clear();
        buffer.push_str(&self.0[index]);
        buffer.clone()
    }
}

#[parallel(local(buffer = vec![_fill; capacity]))]
fn capacity(x: usize, capacity: usize, _fill: u8, buffer: &mut Vec<u8>) -> Option<u8> {
    assert!(buffer.len() == capacity);
    buffer.get(x).copied()
}

impl Texts {
    #[parallel(local(buffer = vec![self.0.len(); 1]))]
    fn count(self, x: usize, buffer: &mut Vec<usize>) -> usize {
        x + buffer[0] + self.0.len()
    }
}

#[test]
fn a_local_may_use_any_constant() {
    assert_eq!(capacity_parallel([0, 3], 3, 7), [Some(7), None]);
    assert_eq!(capacity_job([0, 3], 3, 7).collect(), [Some(7), None]);
    let texts = || Texts(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(texts().count_parallel(0..2), [4, 5]);
    assert_eq!(texts().count_job(0..2).collect(), [4, 5]);
}

#[test]
fn each_worker_has_a_local() {
    assert_eq!(remember_parallel(0..100, 5), vec![true; 100]);
    let names = ["a", "b", "c"];
    assert_agree(
        || {
            (0..100)
                .map(|x| sum(names.to_vec(), &mut [0.0; 3], x, &mut String::new()))
                .collect::<Vec<_>>()
        },
        || sum_parallel(names.to_vec(), 0..100),
    );
    let texts = Texts(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(texts.join_parallel([1, 0]), ["b", "a"]);
}

#[test]
fn a_worker_makes_its_local_at_most_once() {
    let made = AtomicUsize::new(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build();
    pool.expect("a pool can be built")
        .install(|| made_by_workers_parallel(0..10_000, &made));
    assert!((1..=4).contains(&made.load(Ordering::Relaxed)));
}

#[parallel(skip_none)]
fn even(x: u64) -> Option<u64> {
    (x % 2 == 0).then_some(x)
}

type Maybe<T> = Option<(T, u8)>;

#[parallel(skip_none)]
fn aliased<T: PartialOrd>(x: T, least: &T) -> Maybe<T> {
    (x >= *least).then_some((x, 1))
}

#[parallel(skip_none)]
fn borrowed(text: &str) -> std::option::Option<&str> {
    text.strip_prefix('a')
}

#[parallel(skip_none)]
fn opaque(x: u64) -> Option<impl std::fmt::Debug> {
    even(x)
}

#[test]
fn skip_none_drops_each_none() {
    assert_agree(
        || (0..100).filter_map(even).collect::<Vec<_>>(),
        || even_parallel(0..100),
    );
    assert_agree(
        || (0..100).filter_map(|x| aliased(x, &50)).collect::<Vec<_>>(),
        || aliased_parallel(0..100, &50),
    );
    assert_eq!(borrowed_parallel(["ab", "b", "ac"]), ["b", "c"]);
    assert_eq!(format!("{:?}", opaque_parallel(0..4)), "[0, 2]");
}

#[parallel(fail_fast)]
fn parse(text: &str) -> Result<i64, ParseIntError> {
    text.parse()
}

#[parallel(fail_fast)]
fn read(x: u64) -> std::io::Result<u64> {
    if x < 50 {
        Ok(x)
    } else {
        Err(std::io::Error::other(x.to_string()))
    }
}

#[parallel(fail_fast)]
fn check<E: Clone>(x: u64, error: &E) -> Result<(), E> {
    if x == 70 { Err(error.clone()) } else { Ok(()) }
}

#[parallel(fail_fast)]
fn convert<T: TryInto<u8>>(x: T) -> Result<u8, T::Error> {
    x.try_into()
}

#[test]
fn fail_fast_returns_the_first_error() {
    assert_agree(
        || {
            ["1", "2"]
                .map(parse)
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
        },
        || parse_parallel(["1", "2"]),
    );
    assert_agree(
        || {
            ["1", "", "x"]
                .map(parse)
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
        },
        || parse_parallel(["1", "", "x"]),
    );
    assert_agree(
        || {
            (0..100)
                .map(read)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| error.to_string())
        },
        || read_parallel(0..100).map_err(|error| error.to_string()),
    );
    assert_eq!(check_parallel(0..100, &"no"), Err("no"));
    assert!(convert_parallel([1_i32, 300]).is_err());
}

#[parallel(fail_fast, skip_none)]
fn record(line: &str) -> Result<Option<i64>, ParseIntError> {
    if line.is_empty() {
        Ok(None)
    } else {
        line.parse().map(Some)
    }
}

#[parallel(zip(a, b), local(buffer = String::new()), fail_fast)]
fn everything<'a>(a: &str, b: &'a str, buffer: &mut String, k: &str) -> Result<&'a str, String> {
    buffer.clear();
    buffer.extend([a, b, k]);
    if buffer.contains('x') {
        Err(buffer.clone())
    } else {
        Ok(b)
    }
}

#[parallel(threads = 3)]
fn waits(x: u64) -> (u64, std::thread::ThreadId) {
    std::thread::sleep(std::time::Duration::from_millis(2));
    (x, std::thread::current().id())
}

#[parallel(threads = count * 2, skip_none)]
fn counts<const N: usize>(x: [u64; N], count: usize) -> Option<u64> {
    x.first().copied().filter(|first| *first < count as u64)
}

#[test]
fn threads_limits_the_threads_of_a_call() {
    let results = waits_parallel(0..60);
    assert!(results.iter().map(|(x, _)| *x).eq(0..60));
    let threads: std::collections::HashSet<_> = results.iter().map(|(_, thread)| thread).collect();
    assert!((1..=3).contains(&threads.len()), "{threads:?}");
    assert_eq!(counts_parallel((0..9).map(|x| [x]), 2), [0, 1]);
}

#[parallel(grid(a, b), skip_none)]
fn product(a: u64, b: u64) -> Option<u64> {
    (a != b).then_some(a * b)
}

#[test]
fn options_combine() {
    assert_eq!(record_parallel(["1", "", "2"]), Ok(vec![1, 2]));
    assert!(record_parallel(["1", "", "x"]).is_err());
    assert_eq!(
        everything_parallel(["a", "b"], ["c", "d"], "k"),
        Ok(vec!["c", "d"])
    );
    assert_eq!(
        everything_parallel(["a", "x"], ["c", "d"], "k"),
        Err("xdk".to_owned())
    );
    assert_eq!(product_parallel(0..3, 0..3), [0, 0, 0, 2, 0, 2]);
}

#[derive(Clone, Copy, Debug)]
struct Shape(f64);

impl Shape {
    #[parallel(over(self))]
    fn area(&self, k: f64) -> f64 {
        self.0 * k
    }

    #[parallel(over(self))]
    fn by_value(mut self, k: &f64) -> f64 {
        self.0 *= k;
        self.0
    }

    #[parallel(over(self))]
    fn side(&self) -> &f64 {
        &self.0
    }

    #[parallel(zip(self, k))]
    fn scaled(&self, k: f64) -> f64 {
        self.0 * k
    }
}

struct Tagged<'a, T>(&'a T);

impl<'a, T: PartialEq> Tagged<'a, T> {
    #[parallel(over(self))]
    fn same(&self, other: &T) -> bool {
        self.0 == other
    }

    #[parallel(over(self))]
    fn get(&self) -> &'a T {
        self.0
    }
}

trait Named {
    fn name(&self) -> &str;

    #[parallel(over(self))]
    fn length(&self) -> usize {
        self.name().len()
    }
}

impl Named for String {
    fn name(&self) -> &str {
        self
    }
}

#[test]
fn self_may_vary() {
    let shapes: Vec<Shape> = (0..100).map(f64::from).map(Shape).collect();
    assert_agree(
        || {
            shapes
                .iter()
                .map(|shape| shape.area(2.0))
                .collect::<Vec<_>>()
        },
        || Shape::area_parallel(&shapes, 2.0),
    );
    assert_agree(
        || {
            shapes
                .iter()
                .map(|shape| shape.by_value(&2.0))
                .collect::<Vec<_>>()
        },
        || Shape::by_value_parallel(shapes.iter().copied(), &2.0),
    );
    assert_agree(
        || shapes.iter().map(Shape::side).sum::<f64>(),
        || Shape::side_parallel(&shapes).into_iter().sum(),
    );
    assert_eq!(
        Shape::scaled_parallel(&shapes[1..3], [3.0, 4.0]),
        [3.0, 8.0]
    );
    let tagged = [Tagged(&1), Tagged(&2)];
    assert_eq!(Tagged::same_parallel(&tagged, &2), [false, true]);
    assert_eq!(Tagged::get_parallel(&tagged), [&1, &2]);
    let names = ["a".to_owned(), "bc".to_owned()];
    assert_eq!(String::length_parallel(&names), [1, 2]);
}
