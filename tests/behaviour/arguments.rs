//! Which argument varies, and which iterators it accepts.

use std::collections::BTreeMap;
use std::io::BufRead;

use parallelize::parallel;

use crate::assert_agree;

#[parallel]
fn square(x: u64) -> u64 {
    x * x
}

#[parallel(over(exponent))]
fn power(base: f64, exponent: i32) -> f64 {
    base.powi(exponent)
}

#[parallel(over(middle))]
fn digits(first: u32, middle: u32, last: u32) -> u32 {
    first * 100 + middle * 10 + last
}

#[parallel]
fn sum(_unused: u8, row: [f64; 3]) -> f64 {
    row.iter().sum()
}

#[parallel(name = lengths)]
fn length(line: String) -> usize {
    line.len()
}

#[test]
fn the_first_argument_varies() {
    assert_agree(
        || (0..1000).map(square).collect::<Vec<_>>(),
        || square_parallel(0..1000),
    );
}

#[test]
fn another_argument_varies_if_over_names_it() {
    assert_agree(
        || (0..50).map(|i| power(1.5, i)).collect::<Vec<_>>(),
        || power_parallel(1.5, 0..50),
    );
    assert_agree(
        || (0..10).map(|i| digits(1, i, 3)).collect::<Vec<_>>(),
        || digits_parallel(1, 0..10, 3),
    );
    assert_eq!(sum_parallel(0..2, [1.0, 2.0, 3.0]), [6.0, 6.0]);
}

#[test]
fn anything_that_iterates_is_accepted() {
    let squares = [1, 4, 9];
    assert_eq!(square_parallel([1, 2, 3]), squares);
    assert_eq!(square_parallel(vec![1, 2, 3]), squares);
    assert_eq!(square_parallel([1, 2, 3].iter().copied()), squares);
    assert_eq!(
        square_parallel(BTreeMap::from([(1, 'a'), (2, 'b'), (3, 'c')]).into_keys()),
        squares
    );
    assert_eq!(
        square_parallel(std::iter::successors(Some(1), |x| (*x < 3).then_some(x + 1))),
        squares
    );
    assert!(square_parallel(None).is_empty());
    let lines = "one\nthree\n".as_bytes().lines().map_while(Result::ok);
    assert_eq!(lengths(lines), [3, 5]);
}
