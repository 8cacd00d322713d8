//! Parts of all kinds, and what becomes of their items.

use std::fmt::Debug;
use std::sync::Weak;

use super::*;

/// Returns the next `len` items, in blocks of `block`.
fn taken<X>(mut items: impl Blocks<Item = X>, block: usize) -> Vec<X> {
    let mut taken = Vec::new();
    while items.left() > 0 {
        let next = items.block(block.min(items.left()));
        taken.extend(next.into_inner());
    }
    taken
}

/// Asserts that `items` are handed out in place, and that parts of any length have those of the
/// loop.
fn assert_in_place<I>(mut items: impl FnMut() -> I, slices: Slices)
where
    I: Iterator<Item: PartialEq + Debug>,
{
    let expected: Vec<_> = items().collect();
    for (len, block) in [(1, 1), (3, 2), (4, 100), (1_000, 3)] {
        let mut rest = Divisible::new(items(), slices);
        let mut found = Vec::new();
        while let Some(left @ 1..) = rest.left_in_place() {
            found.extend(match rest.part(len.min(left)) {
                Part::Copied(part) => taken(part, block),
                Part::Owned(part) => taken(part, block),
            });
        }
        assert_eq!(found, expected);
        assert!(is_in_place(&items(), slices));
        assert_eq!(rest.into_inner().next(), None);
    }
}

#[test]
fn ranges_slices_and_vecs_are_divided_in_place() {
    let numbers: Vec<u16> = (0..10).collect();
    let words = || numbers.iter().map(u16::to_string).collect::<Vec<_>>();
    let slices = Slices::of::<u16>();
    assert_in_place(|| 5_u8..17, Slices::UNKNOWN);
    assert_in_place(|| -3_i128..4, Slices::UNKNOWN);
    assert_in_place(|| u64::MAX - 7..=u64::MAX, Slices::UNKNOWN);
    assert_in_place(|| 7..7_usize, Slices::UNKNOWN);
    assert_in_place(|| numbers.iter().copied(), Slices::UNKNOWN);
    assert_in_place(|| words().into_iter(), Slices::UNKNOWN);
    assert_in_place(|| vec![(); 10].into_iter(), Slices::UNKNOWN);
    assert_in_place(|| numbers.iter(), slices);
    assert_in_place(|| numbers.chunks(3), slices);
    assert_in_place(|| numbers.chunks_exact(3), slices);
    assert_in_place(|| numbers.windows(3), slices);
    let mut columns = vec![words(); 9];
    let mut columns = columns.iter_mut();
    let column = || columns.next().expect("there are enough").iter_mut();
    assert_in_place(column, Slices::of::<String>());
}

#[test]
fn other_items_are_buffered() {
    let (numbers, words) = ([1_u8, 2], [String::new()]);
    assert!(!is_in_place(&('a'..='z'), Slices::UNKNOWN));
    assert!(!is_in_place(&(0..u128::MAX), Slices::UNKNOWN));
    assert!(!is_in_place(&numbers.iter(), Slices::UNKNOWN));
    assert!(!is_in_place(&numbers.iter(), Slices::of::<u16>()));
    assert!(!is_in_place(&words.iter().cloned(), Slices::of::<String>()));
    assert!(!is_in_place(&numbers.iter().rev(), Slices::of::<u8>()));
    assert!(!is_in_place(&numbers.into_iter(), Slices::of::<u8>()));
}

/// Returns ten values, and what tells which of them live.
fn counted() -> (Vec<Arc<usize>>, Vec<Weak<usize>>) {
    let values: Vec<_> = (0..10).map(Arc::new).collect();
    let watched = values.iter().map(Arc::downgrade).collect();
    (values, watched)
}

fn live(watched: &[Weak<usize>]) -> Vec<usize> {
    watched
        .iter()
        .filter_map(Weak::upgrade)
        .map(|value| *value)
        .collect()
}

#[test]
fn owned_items_are_dropped_once() {
    let (values, watched) = counted();
    let mut rest = Divisible::new(values.into_iter(), Slices::UNKNOWN);
    let (Part::Owned(mut first), Part::Owned(second)) = (rest.part(3), rest.part(4)) else {
        panic!("a `Vec` owns its items");
    };
    let mut block = first.block(2).into_inner();
    assert_eq!(block.next().as_deref(), Some(&0));
    drop(block);
    assert_eq!((first.left(), live(&watched)), (2, (1..10).collect()));
    drop(second);
    assert_eq!(live(&watched), [1, 2, 7, 8, 9]);
    drop(first);
    assert_eq!(live(&watched), [7, 8, 9]);
    assert_eq!(rest.into_inner().map(|value| *value).max(), Some(9));
    assert_eq!(live(&watched), []);
}

#[test]
fn buffered_items_are_dropped_once() {
    let (values, watched) = counted();
    let mut part = OwnedPart::buffered(values);
    let third = part.block(3).into_inner().nth(2);
    assert_eq!(live(&watched), (2..10).collect::<Vec<_>>());
    drop(part);
    assert_eq!((live(&watched), third.as_deref()), (vec![2], Some(&2)));
}
