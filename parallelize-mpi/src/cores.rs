//! Cores -> threads: ranks on one host share the cores that they may all run on.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

/// A set of core numbers. Linux writes it as `0-3,8`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cores(BTreeSet<usize>);

impl Cores {
    /// Returns the cores that the calling thread may run on.
    pub(crate) fn of_this_thread() -> Self {
        let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        let list = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        list.map_or_else(Self::from_parallelism, Self::parse)
    }

    /// Returns the cores of this host, or those of them that the job may use.
    pub(crate) fn of_this_host() -> Self {
        let files = [
            job_cores_file(),
            Some("/sys/devices/system/cpu/online".into()),
        ];
        let lists = files
            .into_iter()
            .flatten()
            .filter_map(|file| fs::read_to_string(file).ok());
        let mut cores = lists
            .map(|list| Self::parse(&list))
            .filter(|cores| cores.count() > 0);
        cores.next().unwrap_or_else(Self::from_parallelism)
    }

    /// Numbers the available cores from 0, for systems that do not number them.
    fn from_parallelism() -> Self {
        Self((0..thread::available_parallelism().map_or(1, Into::into)).collect())
    }

    /// Returns the number of cores.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Parses a list such as `0-3,8`. Skips what is not a number or a range.
    pub(crate) fn parse(list: &str) -> Self {
        let ranges = list.trim().split(',').filter_map(|range| {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            Some(from.parse().ok()?..=to.parse().ok()?)
        });
        Self(ranges.flatten().collect())
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&numbers.join(","))
    }
}

/// Returns the file that lists the cores of the control group of this process. On a cluster whose
/// jobs share nodes, this is the group of the job.
fn job_cores_file() -> Option<PathBuf> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path_in = |hierarchy: &str| {
        let paths = groups
            .lines()
            .filter_map(|line| line.split_once(':')?.1.strip_prefix(hierarchy));
        paths
            .map(|path| path.trim_start_matches('/').to_owned())
            .next()
    };
    let first = path_in("cpuset:").map(|path| ("/sys/fs/cgroup/cpuset", path, "cpuset.cpus"));
    let second = path_in(":").map(|path| ("/sys/fs/cgroup", path, "cpuset.cpus.effective"));
    first
        .into_iter()
        .chain(second)
        .find_map(|(root, path, file)| {
            // A group without such a file has the cores of its parent.
            let groups = Path::new(root).join(path);
            let files = groups
                .ancestors()
                .take_while(|group| group.starts_with(root));
            files
                .map(|group| group.join(file))
                .find(|file| file.exists())
        })
}

/// The cores to which a rank is bound, and what else determines its number of threads.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) host: String,
    /// The cores that the rank may run on.
    pub(crate) cores: Cores,
    /// How many cores the launcher could have bound it to.
    pub(crate) available: usize,
    /// The number of threads that the environment requests, if any.
    pub(crate) requested: Option<usize>,
}

impl Binding {
    /// Returns the binding of this process.
    pub(crate) fn of_this_process(host: &str) -> Self {
        // Slurm may bind the tasks of a job without limiting them by a control group.
        let allotted = positive_number_in("SLURM_CPUS_ON_NODE").unwrap_or(usize::MAX);
        Self {
            host: host.to_owned(),
            cores: Cores::of_this_thread(),
            available: Cores::of_this_host().count().min(allotted),
            requested: positive_number_in("PARALLELIZE_NUM_THREADS")
                .or_else(|| positive_number_in("RAYON_NUM_THREADS")),
        }
    }
}

/// Returns the number in the environment variable `name`. 0 counts as unset.
fn positive_number_in(name: &str) -> Option<usize> {
    let number = env::var(name).ok()?.trim().parse().ok()?;
    (number > 0).then_some(number)
}

/// Returns the number of threads for each rank. The ranks that may run on a core share it equally.
pub(crate) fn threads_per_rank(bindings: &[Binding]) -> Vec<usize> {
    let mut ranks_on: HashMap<(&str, usize), usize> = HashMap::new();
    for binding in bindings {
        for &core in &binding.cores.0 {
            *ranks_on.entry((&binding.host, core)).or_default() += 1;
        }
    }
    let share_of = |binding: &Binding| -> f64 {
        let cores = binding.cores.0.iter();
        // A host has far fewer than 2^52 ranks.
        #[allow(clippy::cast_precision_loss)]
        cores
            .map(|&core| 1.0 / ranks_on[&(&*binding.host, core)] as f64)
            .sum()
    };
    // A share is at most the number of cores, and not negative.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let shares = bindings
        .iter()
        .map(|binding| (binding, share_of(binding).round().max(1.0) as usize));
    shares
        .map(|(binding, share)| binding.requested.unwrap_or(share))
        .collect()
}

/// Returns a warning if the launcher bound ranks to fewer cores than their hosts have for them.
pub(crate) fn unused_cores_warning(bindings: &[Binding], by_slurm: bool) -> Option<String> {
    let mut hosts: BTreeMap<&str, (BTreeSet<usize>, usize)> = BTreeMap::new();
    for binding in bindings
        .iter()
        .filter(|binding| binding.requested.is_none())
    {
        let (cores, available) = hosts.entry(&binding.host).or_default();
        cores.extend(&binding.cores.0);
        *available = binding.available.max(*available);
    }
    let bound = hosts
        .iter()
        .filter(|(_, (cores, available))| cores.len() < *available);
    let (host, (cores, available)) = bound.clone().next()?;
    let others = match bound.count() - 1 {
        0 => String::new(),
        1 => " (and one more host)".into(),
        others => format!(" (and {others} more hosts)"),
    };
    let remedy = if by_slurm {
        "srun -c <cores of a rank> --cpu-bind=cores"
    } else {
        "mpirun --bind-to none"
    };
    let cores = cores.len();
    Some(format!(
        "ranks on {host}{others} are bound to {cores} of {available} cores; \
         `{remedy}` gives them all"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(host: &str, cores: &str, available: usize) -> Binding {
        let cores = Cores::parse(cores);
        Binding {
            host: host.into(),
            cores,
            available,
            requested: None,
        }
    }

    #[test]
    fn lists_are_read_and_written() {
        assert_eq!(Cores::parse("0-3,8\n").to_string(), "0,1,2,3,8");
        assert_eq!(Cores::parse("0,1,2,3,8"), Cores::parse("0-3,8"));
        assert_eq!(Cores::parse("").count(), 0);
        assert!(Cores::of_this_thread().count() > 0);
        assert!(Cores::of_this_host().count() >= Cores::of_this_thread().count());
    }

    #[test]
    fn unbound_ranks_share_the_host() {
        assert_eq!(threads_per_rank(&[binding("a", "0-63", 64)]), [64]);
        assert_eq!(
            threads_per_rank(&vec![binding("a", "0-63", 64); 3]),
            [21, 21, 21]
        );
        assert_eq!(
            threads_per_rank(&vec![binding("a", "0-1", 2); 4]),
            [1, 1, 1, 1]
        );
    }

    #[test]
    fn bound_ranks_have_the_cores_of_their_binding() {
        let bindings = [
            binding("a", "0-7", 16),
            binding("a", "8-15", 16),
            binding("b", "0-7", 8),
        ];
        assert_eq!(threads_per_rank(&bindings), [8, 8, 8]);
        assert_eq!(
            threads_per_rank(&[binding("a", "0-7", 8), binding("a", "0-3", 8)]),
            [6, 2]
        );
        assert_eq!(threads_per_rank(&[binding("a", "", 8)]), [1]);
    }

    #[test]
    fn a_requested_number_of_threads_wins() {
        let requesting = Binding {
            requested: Some(5),
            ..binding("a", "0", 8)
        };
        assert_eq!(
            threads_per_rank(&[requesting.clone(), binding("a", "1-7", 8)]),
            [5, 7]
        );
        assert_eq!(unused_cores_warning(&[requesting], false), None);
    }

    #[test]
    fn only_cores_that_no_rank_may_use_cause_a_warning() {
        let whole = [
            binding("a", "0-7", 16),
            binding("a", "8-15", 16),
            binding("b", "0-7", 8),
        ];
        assert_eq!(unused_cores_warning(&whole, false), None);
        let bound = [
            binding("a", "0", 16),
            binding("a", "1", 16),
            binding("b", "0-7", 8),
        ];
        let warning = unused_cores_warning(&bound, false).unwrap();
        assert!(
            warning.starts_with("ranks on a are bound to 2 of 16 cores"),
            "{warning}"
        );
        let bound = [
            binding("a", "0", 16),
            binding("b", "0", 8),
            binding("c", "0", 8),
        ];
        let warning = unused_cores_warning(&bound, true).unwrap();
        assert!(
            warning.contains("a (and 2 more hosts)") && warning.contains("srun"),
            "{warning}"
        );
    }
}
