//! What is written, and when.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use parallelize_runtime::job;
use serde::{Deserialize, Serialize};

use crate::row;
use crate::support::arrivals::Arrivals;
use crate::support::scratch::Scratch;

#[test]
fn stored_results_equal_the_computed_ones() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Unit,
        New(Box<Kind>),
        Pair(u8, char),
        Named { wide: u128, text: Option<String> },
    }
    type Deep = (Kind, Vec<f64>, BTreeMap<(u8, u8), Vec<()>>, Option<i128>);
    let deep = |i: u64| -> Deep {
        let kind = match i % 4 {
            0 => Kind::Unit,
            1 => Kind::New(Box::new(Kind::Unit)),
            2 => Kind::Pair(7, 'ß'),
            _ => Kind::Named {
                wide: u128::MAX - u128::from(i),
                text: (i % 8 == 3).then(String::new),
            },
        };
        let floats = vec![-0.0, f64::MIN_POSITIVE / 3.0, f64::INFINITY, 0.1 + 0.2];
        (
            kind,
            floats,
            BTreeMap::from([((1, 2), vec![(); 3])]),
            Some(i128::MIN),
        )
    };
    let path = Scratch::new();
    for _ in 0..2 {
        let found = job(0..20, deep).journal(&path).unwrap().collect();
        let looped: Vec<_> = (0..20).map(deep).collect();
        assert_eq!(format!("{found:?}"), format!("{looped:?}"));
    }
    let path = Scratch::new();
    for _ in 0..2 {
        let nan = job(0..20, |i: u64| f64::from_bits(0x7ff8_0000_0000_0000 | i));
        let bits = nan.journal(&path).unwrap().collect();
        assert!(
            bits.iter()
                .map(|nan| nan.to_bits())
                .eq((0..20).map(|i| 0x7ff8_0000_0000_0000 | i))
        );
    }
}

#[test]
fn a_long_result_is_written_by_itself() {
    let path = Scratch::new();
    let long = |i: usize| vec![i; 100_000];
    for _ in 0..2 {
        let found = job(0..10, long)
            .threads(2)
            .journal(&path)
            .unwrap()
            .collect();
        assert!(found.into_iter().eq((0..10).map(long)));
    }
}

#[test]
fn results_are_written_although_their_thread_is_idle() {
    let path = Scratch::new();
    let len = || fs::metadata(&path).unwrap().len();
    let job = job(0..10, row).threads(1).journal(&path).unwrap();
    job.stream(|mut rows| {
        let before = len();
        rows.next();
        // The consumer runs on the only thread of the job.
        let begun = Instant::now();
        while len() == before {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "the result is not written"
            );
            thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn stored_items_do_not_count_as_cheap_ones() {
    let path = Scratch::new();
    let arrivals = Arrivals::new();
    let slow = |seed: u64| {
        if seed >= 5_000 {
            arrivals.note();
            thread::sleep(Duration::from_millis(2));
        }
        // The call may request helpers only once its first item has ended.
        if seed > 5_000 {
            arrivals.wait_for(2);
        }
        seed
    };
    let start = |len| job(0..len, slow).threads(2).journal(&path).unwrap();
    start(5_000).collect();
    // If the remaining items were taken for cheap ones, a single thread would compute them.
    assert!(start(5_040).collect().into_iter().eq(0..5_040));
    assert_eq!(arrivals.count(), 2);
}
