//! The reason why a job gained less than its threads suggest.

use std::time::Duration;

use super::Report;

impl Report {
    /// Returns the main reason why the job gained less than its threads suggest, if one is known.
    pub(super) fn bottleneck(&self) -> Option<String> {
        let threads = self.busy.len();
        if threads == 1 {
            None
        } else if self.chunks < threads {
            let chunks = match self.chunks {
                1 => "chunk",
                _ => "chunks",
            };
            Some(format!("there were only {} {chunks}", self.chunks))
        } else if self.has_stopped_sending {
            Some(
                "the items were cheaper to do than to send, so no more of them were sent"
                    .to_owned(),
            )
        } else if self.busy[1..].iter().all(Duration::is_zero) {
            Some(
                "no helper arrived in time: the job was too short, or the pool was busy".to_owned(),
            )
        } else if self.local_threads() > self.cores {
            let cores = match self.cores {
                1 => "is 1 core".to_owned(),
                cores => format!("are {cores} cores"),
            };
            let here = if self.hosts.is_empty() { "" } else { " here" };
            Some(format!(
                "there {cores}{here}: more threads help only if the items wait"
            ))
        } else {
            None
        }
    }

    /// Returns how many of the threads belong to this process.
    fn local_threads(&self) -> usize {
        let threads = self.threads.iter();
        threads.filter(|thread| thread.key.rank == 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::report::samples::{on_machines, on_threads};

    #[test]
    fn a_report_says_why_it_gained_little() {
        let bottleneck = |change: fn(&mut Report)| {
            let mut report = on_threads(&[50, 50, 50]);
            change(&mut report);
            report.bottleneck()
        };
        assert_eq!(bottleneck(|_| ()), None);
        let few = bottleneck(|report| report.chunks = 2);
        assert_eq!(few.unwrap(), "there were only 2 chunks");
        let alone = bottleneck(|report| report.busy[1..].fill(Duration::ZERO));
        assert!(alone.unwrap().starts_with("no helper arrived in time: "));
        let cores = bottleneck(|report| report.cores = 2);
        assert!(cores.unwrap().starts_with("there are 2 cores: "));
        assert_eq!(on_threads(&[50]).bottleneck(), None);
    }

    #[test]
    fn a_report_says_that_no_more_items_were_sent() {
        let mut report = on_machines(&[("a", &[90, 80]), ("b", &[1, 1])]);
        report.has_stopped_sending = true;
        let bottleneck = report.bottleneck().unwrap();
        assert!(bottleneck.ends_with("no more of them were sent"));
    }

    #[test]
    fn threads_of_other_machines_do_not_need_cores_here() {
        let mut report = on_machines(&[("a", &[90, 80]), ("b", &[90, 80])]);
        assert_eq!(report.bottleneck(), None);
        report.cores = 1;
        let bottleneck = report.bottleneck().unwrap();
        assert!(bottleneck.starts_with("there is 1 core here: "));
    }
}
