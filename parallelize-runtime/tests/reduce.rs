//! Reductions: the same tree over positions, whatever computes it.

mod support;

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{iter, thread};

use parallelize_runtime::{ItemError, job};
use support::counted::Counted;
use support::{fresh, in_every_setting_and_by_default, panics, tree};

/// Shorter than a leaf, as long as one, longer, and many leaves.
const LENS: [usize; 9] = [0, 1, 2, 63, 64, 65, 128, 1_000, 4_161];

/// Tenths, whose sum depends on the order.
fn tenth(i: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let number = (i % 1_000) as f64;
    number * 0.1
}

/// The sum in the order that is promised.
fn sum_of_tree(numbers: &[f64]) -> f64 {
    if numbers.len() <= 64 {
        return numbers.iter().sum();
    }
    let left = numbers.len().div_ceil(64).next_power_of_two() / 2 * 64;
    let (left, right) = numbers.split_at(left);
    sum_of_tree(left) + sum_of_tree(right)
}

#[test]
fn a_sum_has_the_same_bits_in_every_setting() {
    for len in LENS {
        let numbers: Vec<f64> = (0..len).map(tenth).collect();
        let expected = sum_of_tree(&numbers).to_bits();
        in_every_setting_and_by_default(|threads, chunk| {
            let sum: f64 = fresh(0..len, tenth)
                .threads(threads)
                .chunk_size(chunk)
                .sum();
            assert_eq!(sum.to_bits(), expected, "{len}, {threads}, {chunk}");
            // Of unknown length, with items between that are left out.
            let items = (0..2 * len).filter(|i| i % 2 == 0);
            let sum: f64 = fresh(items, |i| tenth(i / 2))
                .threads(threads)
                .chunk_size(chunk)
                .sum();
            assert_eq!(sum.to_bits(), expected, "{len}, {threads}, {chunk}");
            // Handed out in place, and with a hint that is wrong.
            let sum: f64 = fresh(numbers.iter().copied(), |number| number)
                .threads(threads)
                .chunk_size(chunk)
                .sum();
            assert_eq!(sum.to_bits(), expected, "{len}, {threads}, {chunk}");
            let sum: f64 = fresh(Modest(0..len), tenth)
                .threads(threads)
                .chunk_size(chunk)
                .sum();
            assert_eq!(sum.to_bits(), expected, "{len}, {threads}, {chunk}");
        });
    }
}

/// Says that there is no item.
struct Modest(Range<usize>);

impl Iterator for Modest {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(0))
    }
}

#[test]
fn the_order_is_the_same_if_items_end_in_another() {
    for len in LENS {
        let results: Vec<usize> = (0..len).collect();
        let expected = tree::expected(&results);
        in_every_setting_and_by_default(|threads, chunk| {
            let live = AtomicUsize::new(0);
            let (init, fold, combine) = tree::folds(&live);
            let slow = |i| {
                if i % 97 == 0 {
                    thread::sleep(Duration::from_micros(300));
                }
                Counted::new(i, &live)
            };
            let job = fresh(0..len, slow).threads(threads).chunk_size(chunk);
            let shape = job.fold(init, fold, combine).shape();
            assert_eq!(shape, expected, "{len}, {threads}, {chunk}");
            assert_eq!(live.into_inner(), 0);
        });
    }
}

#[test]
fn a_reduction_takes_results_in_order() {
    let words = |len| (0..len).map(|i: usize| i.to_string());
    for len in LENS {
        let expected: String = words(len).collect();
        in_every_setting_and_by_default(|threads, chunk| {
            let job = fresh(0..len, |i| i.to_string());
            let job = job.threads(threads).chunk_size(chunk);
            let reduced = job.reduce(|left, right| left + &right);
            assert_eq!(reduced, (len > 0).then(|| expected.clone()));
        });
    }
}

#[test]
fn a_panic_anywhere_drops_each_accumulator_once() {
    panics::silence(|payload| panics::says(payload, "on purpose"));
    in_every_setting_and_by_default(|threads, chunk| {
        for place in ["item", "init", "fold", "combine"] {
            let (live, calls) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let fails_in = |at| {
                let is_late = || calls.fetch_add(1, Ordering::Relaxed) == 5;
                assert!(place != at || !is_late(), "{place} on purpose");
            };
            let function = |i| {
                fails_in("item");
                Counted::new(i, &live)
            };
            let job = fresh(0..2_000, function).threads(threads).chunk_size(chunk);
            let (init, fold, combine) = tree::folds(&live);
            let folded = panics::catch(|| {
                job.fold(
                    || {
                        fails_in("init");
                        init()
                    },
                    |tree, result| {
                        fails_in("fold");
                        fold(tree, result)
                    },
                    |left, right| {
                        fails_in("combine");
                        combine(left, right)
                    },
                )
            });
            let message = folded.err().expect("it panics");
            assert!(
                message.ends_with(&format!("{place} on purpose")),
                "{message}"
            );
            assert_eq!(message.starts_with("item "), place == "item", "{message}");
            assert_eq!(
                live.load(Ordering::Relaxed),
                0,
                "{place}, {threads}, {chunk}"
            );
        }
    });
}

#[test]
fn the_failure_that_the_loop_meets_first_ends_the_call() {
    panics::silence(|payload| panics::says(payload, "on purpose"));
    // The result whose addition fails, the one with which a combination fails, and the item that
    // fails.
    for (added, combined, item) in [
        (105, 1_000, 150),
        (150, 1_000, 105),
        (1_000, 127, 128),
        (1_000, 255, 200),
        (1_000, 127, 300),
        (130, 127, 131),
        (199, 1_000, 200),
        (200, 1_000, 200),
    ] {
        let failure = |threads, chunk| {
            let function = |i| {
                assert!(i != item, "item on purpose");
                i
            };
            let job = fresh(0..400, function).threads(threads).chunk_size(chunk);
            let add = |(first, _), result| {
                assert!(result != added, "adding {result} on purpose");
                (first, result)
            };
            let combine = |(first, _): (usize, usize), (_, last)| {
                assert!(last != combined, "combining {last} on purpose");
                (first, last)
            };
            let folded = panics::catch(|| job.fold(|| (0, 0), add, combine));
            folded.expect_err("something fails")
        };
        let expected = failure(1, 0);
        in_every_setting_and_by_default(|threads, chunk| {
            for _ in 0..5 {
                assert_eq!(failure(threads, chunk), expected, "{threads}, {chunk}");
            }
        });
    }
}

#[test]
fn the_lowest_error_wins() {
    in_every_setting_and_by_default(|threads, chunk| {
        let function = |i: usize| if i % 700 == 699 { Err(i) } else { Ok(1_u32) };
        let job = |len| {
            let job = fresh(0..len, function);
            job.threads(threads).chunk_size(chunk)
        };
        let error = ItemError {
            index: 699,
            error: 699,
        };
        assert_eq!(job(5_000).try_sum::<u32>(), Err(error));
        assert_eq!(job(5_000).try_reduce(u32::max), Err(error));
        let folded = job(5_000).try_fold(|| 0, |sum, one| sum + one, |left, right| left + right);
        assert_eq!(folded, Err(error));
        assert_eq!(job(699).try_sum::<u32>(), Ok(699));
        assert_eq!(job(699).try_reduce(u32::max), Ok(Some(1)));
        assert_eq!(job(0).try_reduce(u32::max), Ok(None));
        let folded = job(699).try_fold(|| 0, |sum, one| sum + one, |left, right| left + right);
        assert_eq!(folded, Ok(699));
    });
}

#[test]
fn no_items_give_the_empty_value() {
    assert_eq!(job(0..0, |i: i32| i).sum::<i32>(), 0);
    assert_eq!(job(0..0, |i: i32| i).reduce(i32::max), None);
    assert_eq!(
        job(0..0, |i: i32| i).fold(|| 7, |a, b| a + b, |a, b| a + b),
        7
    );
    assert_eq!(job(0..0, Ok::<i32, ()>).try_sum::<i32>(), Ok(0));
    // As in the loop, where the empty sum is negative.
    let empty: f64 = iter::empty::<f64>().sum();
    assert_eq!(job(0..0, f64::from).sum::<f64>().to_bits(), empty.to_bits());
}

#[test]
fn a_sum_of_ten_million_tenths_is_accurate() {
    let sum: f32 = job(0..10_000_000, |_| 0.1_f32).sum();
    // The bound for sums by pairs, where 0.1 is rounded as well.
    let bound = (64.0 + (10_000_000.0_f64 / 64.0).log2()) * f64::from(f32::EPSILON) / 2.0;
    let exact = 10_000_000.0 * f64::from(0.1_f32);
    assert!((f64::from(sum) - exact).abs() <= bound * exact, "{sum}");
}

#[test]
fn an_accumulator_may_borrow_and_progress_is_told() {
    let words: Vec<String> = (0..1_000).map(|i| format!("{i}")).collect();
    let done = Mutex::new(0);
    let longest = fresh(&words, String::as_str)
        .threads(2)
        .on_progress(|items, total| {
            assert_eq!(total, Some(1_000));
            *done.lock().unwrap() = items;
        })
        .reduce(|left, right| {
            if right.len() > left.len() {
                right
            } else {
                left
            }
        });
    assert_eq!((longest, done.into_inner().unwrap()), (Some("100"), 1_000));
}

#[test]
fn a_call_goes_on_serially_with_what_all_threads_have_folded() {
    // The items are dear, then cheap: the first are shared, and many chunks follow.
    let function = |i: usize| {
        if i < 100 {
            thread::sleep(Duration::from_micros(200));
        }
        tenth(i)
    };
    let numbers: Vec<f64> = (0..50_000).map(tenth).collect();
    for _ in 0..20 {
        let sum: f64 = job(0..50_000, function).sum();
        assert_eq!(sum.to_bits(), sum_of_tree(&numbers).to_bits());
    }
}
