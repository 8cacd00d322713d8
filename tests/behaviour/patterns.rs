//! Patterns as arguments.

use parallelize::parallel;

use crate::assert_agree;

#[derive(Clone, Copy)]
struct Point {
    x: i64,
    y: i64,
}

#[parallel]
fn add((a, b): (i64, i64), scale: i64) -> i64 {
    (a + b) * scale
}

#[parallel]
fn manhattan(Point { x, y: up }: Point, Point { x: x0, y: y0 }: Point) -> i64 {
    (x - x0).abs() + (up - y0).abs()
}

#[parallel]
fn deref(&x: &i64, &[first, .., last]: &[i64; 3]) -> i64 {
    x * first + last
}

#[parallel]
fn count(mut x: i64, mut y: i64) -> i64 {
    x += 1;
    y += 1;
    x * y
}

#[parallel]
fn ignore(_: i64, _: i64, _named: i64) -> i64 {
    1
}

#[parallel]
fn whole(pair @ (a, _): (i64, i64)) -> i64 {
    pair.1 - a
}

#[parallel(over(point))]
fn keyword(Point { x: r#type, .. }: Point, point: Point) -> i64 {
    r#type + point.x
}

#[test]
fn tuple_patterns_are_accepted() {
    let pairs = || (0..100).zip(100..200);
    assert_agree(
        || pairs().map(|pair| add(pair, 2)).collect::<Vec<_>>(),
        || add_parallel(pairs(), 2),
    );
    assert_agree(
        || pairs().map(whole).collect::<Vec<_>>(),
        || whole_parallel(pairs()),
    );
}

#[test]
fn struct_reference_and_slice_patterns_are_accepted() {
    let origin = Point { x: 1, y: 2 };
    let points = || (0..100).map(|x| Point { x, y: x * x });
    assert_agree(
        || {
            points()
                .map(|point| manhattan(point, origin))
                .collect::<Vec<_>>()
        },
        || manhattan_parallel(points(), origin),
    );
    assert_agree(
        || {
            points()
                .map(|point| keyword(origin, point))
                .collect::<Vec<_>>()
        },
        || keyword_parallel(origin, points()),
    );
    let items = [4, 5, 6];
    assert_agree(
        || {
            items
                .iter()
                .map(|x| deref(x, &[1, 2, 3]))
                .collect::<Vec<_>>()
        },
        || deref_parallel(&items, &[1, 2, 3]),
    );
}

#[test]
fn mutable_and_unused_arguments_are_accepted() {
    assert_agree(
        || (0..100).map(|x| count(x, 3)).collect::<Vec<_>>(),
        || count_parallel(0..100, 3),
    );
    assert_eq!(ignore_parallel(0..3, 1, 2), [1, 1, 1]);
}
