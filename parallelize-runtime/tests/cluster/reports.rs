//! The report of a call on several hosts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ranks::Cluster;
use crate::{place, sleep};

#[test]
fn a_report_says_what_each_host_did() {
    let _cluster = Cluster::of(2, 2);
    let (places, report) = place(0..1_000, 200).threads(2).report();
    assert_eq!(report.items, 1_000);
    let names = report.hosts.iter().map(|host| &*host.name);
    assert!(names.eq(["node0", "node1", "node2"]), "{report}");
    for (rank, host) in report.hosts.iter().enumerate() {
        assert_eq!(host.threads, 2);
        let of_rank = format!("of rank {rank}");
        let here = |place: &&String| match rank {
            0 => !place.contains(" of rank "),
            _ => place.ends_with(&of_rank),
        };
        assert_eq!(host.items, places.iter().filter(here).count());
        assert!((1..=host.items).contains(&host.chunks));
        // Each of its items slept for 200 us.
        let micros = 200 * u32::try_from(host.items).unwrap();
        assert!(host.busy >= Duration::from_micros(1) * micros);
    }
    let chunks = report.hosts.iter().map(|host| host.chunks);
    assert_eq!(chunks.sum::<usize>(), report.chunks);

    assert_eq!(report.busy.len(), 3 * 2);
    assert!(report.busy.iter().all(|busy| *busy <= report.wall));
    let busy: Vec<Duration> = report.busy.chunks(2).map(|two| two.iter().sum()).collect();
    assert!(report.hosts.iter().map(|host| host.busy).eq(busy));
    assert!(report.efficiency() <= 1.0);

    let text = report.to_string();
    assert!(text.contains(" on 6 threads of 3 hosts: "), "{text}");
    for slow in &report.slowest {
        let host = report.host_of(slow).unwrap();
        let place = &places[slow.index];
        let number = place.rsplit_once("rank ").map_or("0", |(_, rank)| rank);
        assert_eq!(host.name, format!("node{number}"));
    }
}

#[test]
fn a_report_of_a_local_call_has_no_hosts() {
    let _cluster = Cluster::of(2, 2);
    for job in [place(0..20, 100).local(), place(0..20, 100).threads(1)] {
        let (_, report) = job.report();
        assert_eq!((report.items, &*report.hosts), (20, &[][..]));
        assert!(!report.to_string().contains("host"));
    }
}

/// A result that takes longer to decode than to compute.
#[derive(Clone, Deserialize, Serialize)]
#[serde(from = "u64", into = "u64")]
struct SlowToDecode(u64);

impl From<u64> for SlowToDecode {
    fn from(number: u64) -> Self {
        sleep(1_000);
        Self(number)
    }
}

impl From<SlowToDecode> for u64 {
    fn from(slow_to_decode: SlowToDecode) -> Self {
        slow_to_decode.0
    }
}

cluster_function!(slow_to_decode: u64, u64 => SlowToDecode, |_| false, |item, micros| {
    sleep(*micros);
    SlowToDecode(item)
});

#[test]
fn a_report_says_that_sending_items_does_not_pay() {
    let _cluster = Cluster::of(2, 2);
    let (_, report) = slow_to_decode(0..500, 100).chunk_size(1).report();
    assert!(report.hosts[0].items > 250, "{report}");
    assert!(report.to_string().contains("cheaper to do"), "{report}");
}
