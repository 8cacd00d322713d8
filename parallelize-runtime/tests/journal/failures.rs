//! Items that panic or return an error.

use std::sync::atomic::{AtomicUsize, Ordering};

use parallelize_runtime::{Outcome, job};

use crate::support::in_every_setting_and_by_default;
use crate::support::panics::catch;
use crate::support::scratch::Scratch;
use crate::{looped, reset, row, silence_expected};

#[test]
fn a_panicked_item_is_computed_again_and_no_stored_one_is() {
    silence_expected();
    in_every_setting_and_by_default(|threads, chunk| {
        let path = Scratch::new();
        let (computed, fails) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = || {
            let function = |seed| {
                computed.fetch_add(1, Ordering::SeqCst);
                assert!(
                    seed != 30 || fails.load(Ordering::SeqCst) == 0,
                    "{seed} is bad"
                );
                row(seed)
            };
            job(0..60, function).chunk_size(chunk).threads(threads)
        };
        fails.store(1, Ordering::SeqCst);
        let failed = catch(|| start().journal(&path).unwrap().collect());
        assert_eq!(failed.unwrap_err(), "item 30: 30 is bad");
        let before = reset(&computed);
        let outcomes = catch(|| start().journal(&path).unwrap().outcomes()).unwrap();
        assert_eq!(reset(&computed), 60 - (before - 1));
        for (i, outcome) in outcomes.iter().enumerate() {
            match outcome {
                Outcome::Done(done) => assert_eq!(*done, row(i as u64)),
                other => assert!(i == 30 && other.is_panicked()),
            }
        }
        fails.store(0, Ordering::SeqCst);
        assert_eq!(start().journal(&path).unwrap().collect(), looped(60));
        assert_eq!(reset(&computed), 1);
    });
}

#[test]
fn an_item_with_an_error_is_computed_again() {
    in_every_setting_and_by_default(|threads, chunk| {
        let paths = [Scratch::new(), Scratch::new()];
        let (computed, fails) = (AtomicUsize::new(0), AtomicUsize::new(1));
        let checked = |seed: u64| {
            computed.fetch_add(1, Ordering::SeqCst);
            if seed == 30 && fails.load(Ordering::SeqCst) > 0 {
                return Err(format!("{seed} is out of reach"));
            }
            Ok(row(seed))
        };
        let start = || job(0..60_u64, checked).chunk_size(chunk).threads(threads);
        let with_error: Vec<_> = (0..60).map(checked).collect();
        reset(&computed);
        let error = start()
            .journal(&paths[0])
            .unwrap()
            .try_collect()
            .unwrap_err();
        assert_eq!(error.to_string(), "item 30: 30 is out of reach");
        assert_eq!(
            start()
                .journal_ok(&paths[1])
                .unwrap()
                .try_collect()
                .unwrap_err(),
            error
        );
        assert_eq!(start().journal(&paths[0]).unwrap().collect(), with_error);
        assert_eq!(start().journal_ok(&paths[1]).unwrap().collect(), with_error);
        reset(&computed);
        fails.store(0, Ordering::SeqCst);
        assert_eq!(
            start().journal(&paths[0]).unwrap().try_collect(),
            Ok(looped(60))
        );
        assert_eq!(
            start().journal_ok(&paths[1]).unwrap().try_collect(),
            Ok(looped(60))
        );
        assert_eq!(reset(&computed), 2);
    });
}
