//! The work of one machine in a job.

use std::net::IpAddr;
use std::time::Duration;

use super::shares::mean_share;
use super::thread_stats::ThreadStats;

/// The work of one machine in a job on a cluster: an entry of
/// [`Report::hosts`](crate::Report::hosts).
///
/// ```
/// let is_prime = |n: u64| (2..n).all(|divisor| n % divisor != 0);
/// let (_, report) = parallelize::job(1_000..2_000, is_prime).report();
/// for host in &report.hosts {
///     println!("{}: {} items on {} threads", host.name, host.items, host.threads);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Host {
    /// The name of the machine.
    pub name: String,
    /// The number of its threads that worked or were requested.
    pub threads: usize,
    /// The number of items that they did.
    pub items: usize,
    /// The number of chunks in which they took the items.
    pub chunks: usize,
    /// The time that they worked on items, added up.
    pub busy: Duration,
}

impl Host {
    /// Returns the index of the host with this `name`. Adds it to the `hosts` if it is new.
    pub(super) fn index_of(name: &str, hosts: &mut Vec<Self>) -> usize {
        let mut known = hosts.iter();
        known.position(|host| host.name == name).unwrap_or_else(|| {
            hosts.push(Self {
                name: name.to_owned(),
                threads: 0,
                items: 0,
                chunks: 0,
                busy: Duration::ZERO,
            });
            hosts.len() - 1
        })
    }

    /// Adds the work of a thread.
    pub(super) fn add(&mut self, thread: &ThreadStats) {
        self.threads += 1;
        self.items += thread.items;
        self.chunks += thread.chunks;
        self.busy += thread.busy;
    }

    /// Returns which share of `wall` its threads were busy on average.
    pub(super) fn share(&self, wall: Duration) -> f64 {
        mean_share(self.busy, wall, self.threads)
    }
}

/// Returns the names of the `hosts`: without their domains if they still differ, otherwise in full.
pub(super) fn short_names(hosts: &[Host]) -> Vec<&str> {
    let short = hosts.iter().map(|host| match host.name.split_once('.') {
        Some((short, _)) if !short.is_empty() && host.name.parse::<IpAddr>().is_err() => short,
        _ => &host.name,
    });
    let short: Vec<_> = short.collect();
    let all_differ = (1..short.len()).all(|i| !short[..i].contains(&short[i]));
    if all_differ {
        short
    } else {
        hosts.iter().map(|host| &*host.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(names: &[&str]) -> Vec<String> {
        let mut hosts = Vec::new();
        for name in names {
            Host::index_of(name, &mut hosts);
        }
        let names = short_names(&hosts);
        names.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn names_are_short_if_they_differ() {
        assert_eq!(short(&["a.x.org", "b.x.org", "c"]), ["a", "b", "c"]);
        assert_eq!(short(&["a.x.org", "a.y.org"]), ["a.x.org", "a.y.org"]);
        assert_eq!(short(&["10.0.0.1", "10.0.0.2"]), ["10.0.0.1", "10.0.0.2"]);
    }

    #[test]
    fn each_host_is_listed_once() {
        assert_eq!(short(&["b", "a", "b", "b"]), ["b", "a"]);
    }
}
