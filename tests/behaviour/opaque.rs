//! Results that are an `impl Trait`, which hold what the function has.

use std::cell::Cell;
use std::sync::Mutex;

use parallelize::parallel;

use crate::assert_agree;

struct Matrix<C> {
    cells: Vec<C>,
    width: usize,
}

impl<C> Matrix<C> {
    #[parallel]
    fn row(&self, from: usize) -> impl Iterator<Item = &C> {
        self.cells[from * self.width..].iter().take(self.width)
    }

    #[parallel]
    fn kept<'a>(
        &'a self,
        from: usize,
        is_kept: impl Fn(&C) -> bool,
    ) -> Option<impl Iterator<Item = &'a C>> {
        let rest = self.cells.get(from..)?;
        Some(rest.iter().filter(move |cell| is_kept(cell)))
    }
}

trait Pixel {
    type Sample;
}

impl Pixel for u8 {
    type Sample = f64;
}

struct Image<P: Pixel> {
    samples: Vec<P::Sample>,
}

impl<P: Pixel> Image<P> {
    #[parallel]
    fn channel(&self, channel: usize) -> impl Iterator<Item = &P::Sample> {
        self.samples.iter().skip(channel).step_by(3)
    }
}

#[parallel(over(width))]
fn in_lines<I>(words: I, width: usize) -> impl Iterator<Item = String>
where
    I: IntoIterator<Item = &'static str> + Clone,
{
    let long = words.into_iter().filter(move |word| word.len() >= width);
    long.map(str::to_owned)
}

trait Movable: Iterator + Send {}

impl<I: Iterator + Send> Movable for I {}

trait Table {
    /// Its trait is `Send` without saying so here.
    #[parallel]
    fn line(&self, from: u8) -> impl Movable<Item = u8>;
}

impl Table for u8 {
    fn line(&self, from: u8) -> impl Movable<Item = u8> {
        from..*self
    }
}

#[parallel]
fn locked<T: Clone + Send>(count: usize, lock: &Mutex<T>) -> impl Iterator<Item = usize> {
    let is_locked = lock.lock().is_err();
    (0..count).filter(move |_| !is_locked)
}

#[parallel]
fn tail<T>(from: usize, list: &Vec<T>) -> impl Iterator<Item = &T> {
    list[from..].iter()
}

#[parallel]
fn cells<T>(list: &mut Vec<T>) -> impl Iterator<Item = &mut T> {
    list.iter_mut()
}

#[parallel]
fn mapped(end: u64, function: impl Fn(u64) -> u64) -> impl Iterator<Item = u64> {
    (0..end).map(function)
}

#[parallel(local(buffer = Vec::new()))]
fn doubled(x: u8, buffer: &mut Vec<u8>) -> impl Iterator<Item = u8> + use<> {
    buffer.clear();
    buffer.extend([x; 2]);
    buffer.clone().into_iter()
}

trait Countdown {
    fn start(&self) -> usize;

    #[parallel]
    fn countdown(&self, from: usize) -> impl Iterator<Item = usize> + Send {
        (0..self.start().min(from)).rev()
    }
}

impl Countdown for usize {
    fn start(&self) -> usize {
        *self
    }
}

fn flat<T: Clone>(iterators: Vec<impl Iterator<Item = T>>) -> Vec<T> {
    iterators.into_iter().flatten().collect()
}

#[test]
fn a_result_may_hold_what_a_generic_self_has() {
    let matrix = Matrix {
        cells: (0..40).map(|cell| cell.to_string()).collect(),
        width: 4,
    };
    assert_agree(
        || {
            (0..10)
                .flat_map(|from| matrix.row(from))
                .collect::<Vec<_>>()
        },
        || flat(matrix.row_parallel(0..10)),
    );
    let kept = matrix.kept_parallel([0, 50], |cell| cell.ends_with('7'));
    let kept: Vec<_> = kept.into_iter().flatten().flatten().collect();
    assert_eq!(kept, ["7", "17", "27", "37"]);
    let image = Image::<u8> {
        samples: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    };
    assert_eq!(
        flat(image.channel_parallel(0..3)),
        [&1.0, &4.0, &2.0, &5.0, &3.0, &6.0]
    );
}

#[test]
fn a_result_may_hold_arguments() {
    let list = vec!["a", "b", "c"];
    assert_eq!(flat(tail_parallel(1..3, &list)), [&"b", &"c", &"c"]);
    let offset = 2;
    assert_eq!(flat(mapped_parallel(1..3, move |x| x + offset)), [2, 2, 3]);
    assert_eq!(flat(4.line_parallel([2, 3])), [2, 3, 3]);
    let lock = Mutex::new(Cell::new(1));
    assert_eq!(flat(locked_parallel(1..3, &lock)), [0, 0, 1]);
    let words = ["a", "bcd", "ef"];
    assert_eq!(flat(in_lines_parallel(words, 2..4)), ["bcd", "ef", "bcd"]);
    let mut lists = [vec![Cell::new(1)], vec![Cell::new(2)]];
    for cell in cells_parallel(&mut lists).into_iter().flatten() {
        cell.set(7);
    }
    assert_eq!(lists, [[Cell::new(7)], [Cell::new(7)]]);
}

#[test]
fn a_result_may_hold_nothing_of_a_local() {
    assert_eq!(flat(doubled_parallel([1, 2])), [1, 1, 2, 2]);
}

#[test]
fn a_trait_may_promise_that_a_result_moves_between_threads() {
    assert_eq!(flat(3.countdown_parallel([2, 9])), [1, 0, 2, 1, 0]);
}
