//! The other companion: the same work as a job.

use parallelize::{Job, Work, parallel};

#[parallel]
fn scaled(x: f64, factor: f64, offsets: Vec<f64>) -> f64 {
    offsets.iter().fold(x, |sum, offset| sum * factor + offset)
}

#[test]
fn a_job_leaves_the_place_where_it_was_made() {
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
fn a_job_of_a_grid() {
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
