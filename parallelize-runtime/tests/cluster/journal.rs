//! Calls on several ranks with a journal.

use parallelize_runtime::Outcome;

use crate::support::scratch::Scratch;
use crate::{here, in_every_cluster, ranks_in, sleep};

#[test]
fn results_of_other_ranks_are_stored_and_not_computed_again() {
    cluster_function!(recorded: u64, u64 => String, |_| false, |_, micros| {
        sleep(*micros);
        here()
    });
    in_every_cluster(|| {
        let path = Scratch::new();
        let first = recorded(0..500, 300).journal(&path).unwrap().collect();
        assert!(ranks_in(&first).len() > 1, "{first:?}");
        // The names of threads are those of the first call: no item is computed again.
        let again = recorded(0..500, 300).journal(&path).unwrap().collect();
        assert_eq!(again, first);
        let more = recorded(0..1_000, 300).journal(&path).unwrap();
        let more = more.outcomes().into_iter().filter_map(Outcome::done);
        let more: Vec<_> = more.collect();
        assert!(more.len() == 1_000 && more.starts_with(&first));
        let again = recorded(0..1_000, 300).journal(&path).unwrap();
        let again: Vec<_> = again.stream(|places| places.collect());
        assert_eq!(again, more);
    });
}
