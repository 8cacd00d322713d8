//! What each machine did.

use std::net::IpAddr;
use std::time::Duration;

use super::thread_stats::ThreadStats;

/// A machine and what its threads did for a job that ran on a cluster: one of
/// [`Report::hosts`](crate::Report::hosts).
///
/// ```
/// let (_, report) = parallelize::job(0..1_000, |i| i * i).report();
/// for host in &report.hosts {
///     println!("{}: {} items on {} threads", host.name, host.items, host.threads);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Host {
    /// What it is called.
    pub name: String,
    /// How many of its threads worked or were asked to.
    pub threads: usize,
    /// How many items they did.
    pub items: usize,
    /// How many times one of them took some.
    pub chunks: usize,
    /// For how long they were at work on items, all together.
    pub busy: Duration,
}

impl Host {
    /// Where the one with this name is among the `hosts`, to which it may be new.
    pub(super) fn named(name: &str, hosts: &mut Vec<Self>) -> usize {
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

    /// Adds what a thread did.
    pub(super) fn add(&mut self, worker: &ThreadStats) {
        self.threads += 1;
        self.items += worker.items;
        self.chunks += worker.chunks;
        self.busy += worker.busy;
    }

    /// For which part of the time that passed its threads were at work.
    pub(super) fn share(&self, wall: Duration) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "so many threads there are not")]
        let threads = self.threads.max(1) as f64;
        super::share(self.busy, wall) / threads
    }
}

/// The names of the `hosts`, without the domain if each can do without it.
pub(super) fn short_names(hosts: &[Host]) -> Vec<&str> {
    let short = hosts.iter().map(|host| match host.name.split_once('.') {
        Some((short, _)) if !short.is_empty() && host.name.parse::<IpAddr>().is_err() => short,
        _ => &host.name,
    });
    let short: Vec<_> = short.collect();
    let is_clear = (1..short.len()).all(|i| !short[..i].contains(&short[i]));
    if is_clear {
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
            Host::named(name, &mut hosts);
        }
        let names = short_names(&hosts);
        names.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_name_is_as_short_as_it_is_clear() {
        assert_eq!(short(&["a.x.org", "b.x.org", "c"]), ["a", "b", "c"]);
        assert_eq!(short(&["a.x.org", "a.y.org"]), ["a.x.org", "a.y.org"]);
        assert_eq!(short(&["10.0.0.1", "10.0.0.2"]), ["10.0.0.1", "10.0.0.2"]);
    }

    #[test]
    fn each_host_is_there_once() {
        assert_eq!(short(&["b", "a", "b", "b"]), ["b", "a"]);
    }
}
