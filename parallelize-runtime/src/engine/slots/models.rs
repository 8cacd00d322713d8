//! The slots under the orders in which threads can meet.

use loom::sync::Arc;
use loom::thread;

use super::*;
use crate::call::Source;
use crate::schedule::Slices;

/// Two threads write a chunk each. The thread that takes the slots afterwards sees all results.
#[test]
fn loom_two_writers() {
    loom::model(|| {
        let slots = Arc::new(Slots::new(Vec::with_capacity(3)));
        let mut source = Source::new(0..3, 0, Slices::UNKNOWN);
        let writers: Vec<_> = [2, 1]
            .map(|len| {
                let (claim, _) = source.pull(|_| len, &mut Vec::new());
                let slots = Arc::clone(&slots);
                thread::spawn(move || {
                    let positions = claim.start()..claim.end();
                    let mut writer = slots.writer(claim);
                    positions.for_each(|i| writer.push(Box::new(i)));
                })
            })
            .into();
        writers
            .into_iter()
            .for_each(|writer| writer.join().unwrap());
        let slots = Arc::try_unwrap(slots).ok().expect("the writers have left");
        assert_eq!(slots.into_vec(3), [0, 1, 2].map(Box::new));
    });
}
