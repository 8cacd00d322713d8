//! The progress of a call on several ranks.

use crate::support::panics::message;
use crate::{in_every_cluster, place};

#[test]
fn progress_counts_the_items_of_other_ranks() {
    in_every_cluster(|| {
        let mut steps = vec![(0, Some(1_000))];
        let job = place(0..1_000, 100).on_progress(|done, total| steps.push((done, total)));
        let (results, report) = job.report();
        assert_eq!((results.len(), report.items), (1_000, 1_000));
        assert!(steps.is_sorted_by(|before, now| before.0 < now.0 && before.1 == now.1));
        assert_eq!(steps.last(), Some(&(1_000, Some(1_000))));
    });
}

#[test]
fn a_panic_of_the_callback_ends_the_call() {
    in_every_cluster(|| {
        let enough = |done, _| assert!(done < 300, "enough: {done}");
        let job = || place(0..1_000, 300).on_progress(enough);
        let said = message(|| job().collect());
        assert!(said.starts_with("enough: "), "{said}");
        let said = message(|| job().stream(|results| results.for_each(drop)));
        assert!(said.starts_with("enough: "), "{said}");
    });
}
