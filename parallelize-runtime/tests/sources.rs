//! Items that are handed out in place: those of ranges, slices and `Vec`s, beside the loop.

mod support;

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parallelize_runtime::__private::{Pointee, Slices, companion};
use parallelize_runtime::{Job, Work};
use support::counted::Counted;
use support::{THREADS, in_every_setting, new_profile, panics};

/// More than a block, and more than most chunks.
const ITEMS: usize = 3_000;

/// Returns a job like that of a companion whose items point to what `slices` are of.
fn divided<I, R>(
    items: I,
    slices: Slices,
    function: impl Fn(I::Item) -> R + Sync,
) -> Job<I::IntoIter, impl Work<I::Item, Output = R>>
where
    I: IntoIterator<IntoIter: Send>,
    R: Send,
{
    let apply = move |(): &(), (): &mut (), item| function(item);
    companion(new_profile(), items, (), |()| (), apply).within(slices)
}

/// Asserts that all ways to run `function` over `items` agree with the loop, in every setting.
fn assert_agree<I, R>(items: impl Fn() -> I, slices: Slices, function: impl Fn(I::Item) -> R + Sync)
where
    I: IntoIterator<IntoIter: Send>,
    R: PartialEq + Debug + Send,
{
    let expected: Vec<R> = items().into_iter().map(&function).collect();
    in_every_setting(|threads, chunk| {
        let job = || {
            divided(items(), slices, &function)
                .threads(threads)
                .chunk_size(chunk)
        };
        assert_eq!(job().collect(), expected);
        // A job that is observed is shared, however cheap its items are.
        assert_eq!(job().on_progress(|_, _| ()).collect(), expected);
        let mut streamed = Vec::new();
        job().stream(|results| streamed.extend(results));
        assert_eq!(streamed, expected);
        let last = job().reduce(|_, right| right);
        assert_eq!(last.as_ref(), expected.last());
    });
}

#[test]
fn every_kind_of_source_agrees_with_the_loop() {
    let numbers: Vec<f64> = (0..3_000_u32).map(f64::from).collect();
    let words: Vec<_> = numbers.iter().map(f64::to_string).collect();
    let unknown = || Pointee::<str>::new().__slices();
    assert_agree(|| 0..ITEMS, unknown(), |i| i * i);
    assert_agree(|| -5..=3_000_i64, unknown(), |i| i * i);
    assert_agree(|| numbers.iter().copied(), unknown(), f64::sqrt);
    assert_agree(|| numbers.clone(), unknown(), f64::sqrt);
    assert_agree(|| words.clone(), unknown(), |word| word + "!");
    assert_agree(|| vec![(); ITEMS], unknown(), |()| 1);
    let of_numbers = Pointee::<f64>::new().__slices();
    assert_agree(|| &numbers, of_numbers, |number| number.sqrt());
    assert_agree(
        || numbers.chunks(7),
        of_numbers,
        |chunk| chunk.iter().sum::<f64>(),
    );
    assert_agree(|| numbers.windows(2), of_numbers, |pair| pair[0] - pair[1]);
    assert_agree(|| &words, Pointee::<String>::new().__slices(), String::len);
    // What borrows from an item outlives the call.
    assert_agree(
        || &words,
        Pointee::<String>::new().__slices(),
        String::as_str,
    );
}

#[test]
fn items_are_changed_in_place_and_once() {
    in_every_setting(|threads, chunk| {
        let mut numbers: Vec<usize> = (0..ITEMS).collect();
        let add = |number: &mut usize| *number += 1;
        let job = divided(&mut numbers, Pointee::<usize>::new().__slices(), add);
        job.threads(threads)
            .chunk_size(chunk)
            .on_progress(|_, _| ())
            .collect();
        assert!(numbers.into_iter().eq(1..=ITEMS));
    });
}

#[test]
fn a_failure_drops_each_item_once() {
    panics::silence(|payload| panics::says(payload, "bad"));
    for failing in [0, 1, 700, ITEMS - 1] {
        in_every_setting(|threads, chunk| {
            let live = AtomicUsize::new(0);
            let items: Vec<_> = (0..ITEMS).map(|i| Counted::new(i, &live)).collect();
            let job = divided(items, Pointee::<str>::new().__slices(), |item| {
                assert!(item.0 < failing, "bad item");
                item
            });
            let job = job
                .threads(threads)
                .chunk_size(chunk)
                .on_progress(|_, _| ());
            let panicked = panics::catch(|| job.collect().len());
            assert_eq!(panicked, Err(format!("item {failing}: bad item")));
            assert_eq!(live.load(Ordering::SeqCst), 0);
        });
    }
}

#[test]
fn dear_items_behind_a_failure_do_not_begin() {
    panics::silence(|payload| panics::says(payload, "bad"));
    for threads in THREADS {
        let (begun, fails) = (AtomicUsize::new(0), AtomicBool::new(false));
        let function = |i: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            fails.fetch_or(i == 100, Ordering::SeqCst);
            assert!(i != 100, "bad item");
            while i > 100 && !fails.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            // Cheap items before the failure, and dear ones behind it.
            thread::sleep(Duration::from_millis(if i > 100 { 10 } else { 0 }));
        };
        let job = divided(0..ITEMS, Pointee::<str>::new().__slices(), function);
        let panicked = panics::catch(|| job.threads(threads).collect().len());
        assert_eq!(panicked, Err("item 100: bad item".to_owned()));
        // Each of the others waits for 10 ms, and failing takes less than half of all that.
        assert!(begun.into_inner() < ITEMS / 2, "few items begin");
    }
}
