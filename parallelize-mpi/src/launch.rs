//! How the program was started, judged by the environment variables of launchers.
//!
//! Initialising MPI would tell as well, but it takes a third of a second and starts threads.

use std::env;

/// Variables in which launchers give the number of ranks.
const SIZE_VARIABLES: [&str; 3] = [
    // Open MPI's `mpirun` (`orterun`, `prterun`), IBM's `jsrun`.
    "OMPI_COMM_WORLD_SIZE",
    // MPICH's and Intel's `mpiexec` (hydra), `srun --mpi=pmi2` and `--mpi=cray_shasta`, Flux,
    // MS-MPI.
    "PMI_SIZE",
    // MVAPICH's `mpirun_rsh`.
    "MV2_COMM_WORLD_SIZE",
];

/// Variables in which launchers give the number of this rank.
const RANK_VARIABLES: [&str; 5] = [
    "OMPI_COMM_WORLD_RANK",
    // `srun --mpi=pmix`, and any other launcher with PMIx.
    "PMIX_RANK",
    "PMI_RANK",
    "MV2_COMM_WORLD_RANK",
    // Cray's `aprun` and PALS.
    "PALS_RANKID",
];

/// Variables in which launchers give a server that knows the number of this rank.
const SERVER_VARIABLES: [&str; 3] = ["PMI_FD", "PMI_PORT", "PMI_CONTROL_PORT"];

/// How the program was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Launch {
    /// Without MPI.
    WithoutMpi,
    /// By MPI, as the only rank.
    OnlyRank,
    /// By MPI, as one of several ranks. Holds their number if it is known.
    Ranks(Option<usize>),
    /// By an `srun` that does not start MPI. Holds the number of tasks, which is at least 2. MPICH
    /// with Slurm's old `libpmi` is an exception: it finds the other tasks without help from
    /// `srun`.
    TasksWithoutMpi(usize),
}

impl Launch {
    /// Returns how this process was started.
    pub(crate) fn of_this_process() -> Self {
        Self::from_environment(|name| env::var(name).ok())
    }

    fn from_environment(var: impl Fn(&str) -> Option<String>) -> Self {
        let count = |name: &str| var(name)?.trim().parse::<usize>().ok();
        let mut signs = SIZE_VARIABLES
            .iter()
            .chain(&RANK_VARIABLES)
            .chain(&SERVER_VARIABLES);
        let by_mpi = signs.any(|name| var(name).is_some());
        // The tasks of the step, not of the job: a batch script has `SLURM_NTASKS` and even
        // `SLURM_PROCID`, though it runs once. See `env_array_for_step` and
        // `env_array_for_batch_job` in Slurm's `env.c`.
        let tasks = count("SLURM_STEP_NUM_TASKS");
        let size = SIZE_VARIABLES.into_iter().find_map(count);
        match (by_mpi, size.or(tasks)) {
            (true, Some(1)) => Self::OnlyRank,
            (true, size) => Self::Ranks(size),
            (false, Some(tasks)) if tasks > 1 => Self::TasksWithoutMpi(tasks),
            (false, _) => Self::WithoutMpi,
        }
    }
}

/// Returns the rank that the launcher gave to this process. It is known before MPI is initialised.
pub(crate) fn rank_in_environment() -> Option<usize> {
    let names = RANK_VARIABLES.iter().chain(&["SLURM_PROCID"]);
    names
        .filter_map(|name| env::var(name).ok())
        .find_map(|number| number.trim().parse().ok())
}

/// Returns whether `srun` started this process, and not `mpirun` inside of an allocation.
pub(crate) fn is_started_by_slurm() -> bool {
    env::var_os("SLURM_STEP_NUM_TASKS").is_some() && env::var_os("OMPI_COMM_WORLD_SIZE").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(environment: &[(&str, &str)]) -> Launch {
        Launch::from_environment(|name| {
            let set = environment.iter().find(|(key, _)| *key == name);
            set.map(|(_, value)| (*value).to_owned())
        })
    }

    const BATCH: [(&str, &str); 4] = [
        ("SLURM_JOB_ID", "7"),
        ("SLURM_NTASKS", "4"),
        ("SLURM_NPROCS", "4"),
        ("SLURM_PROCID", "0"),
    ];

    fn step_with(more: &[(&'static str, &'static str)]) -> Launch {
        let step = [("SLURM_STEP_ID", "0"), ("SLURM_STEP_NUM_TASKS", "4")];
        launch(&[&step, more, &BATCH].concat())
    }

    #[test]
    fn a_process_without_a_launcher_runs_without_mpi() {
        assert_eq!(launch(&[]), Launch::WithoutMpi);
        assert_eq!(launch(&BATCH), Launch::WithoutMpi);
        let shell = [("SLURM_STEP_ID", "0"), ("SLURM_STEP_NUM_TASKS", "1")];
        assert_eq!(launch(&[&shell[..], &BATCH].concat()), Launch::WithoutMpi);
    }

    #[test]
    fn launchers_of_mpi_are_known() {
        let mpirun = [("OMPI_COMM_WORLD_SIZE", "8"), ("PMIX_RANK", "0")];
        assert_eq!(launch(&mpirun), Launch::Ranks(Some(8)));
        assert_eq!(
            launch(&[("PMI_SIZE", "3"), ("PMI_RANK", "1")]),
            Launch::Ranks(Some(3))
        );
        assert_eq!(
            launch(&[("PMI_SIZE", "1"), ("PMI_RANK", "0")]),
            Launch::OnlyRank
        );
        assert_eq!(launch(&[("PMIX_RANK", "1")]), Launch::Ranks(None));
    }

    #[test]
    fn a_step_of_slurm_is_recognised_by_its_mpi() {
        assert_eq!(step_with(&[("PMIX_RANK", "1")]), Launch::Ranks(Some(4)));
        assert_eq!(
            step_with(&[("PMI_CONTROL_PORT", "1")]),
            Launch::Ranks(Some(4))
        );
        assert_eq!(step_with(&[]), Launch::TasksWithoutMpi(4));
        // `mpirun` starts its daemons as tasks of a step.
        assert_eq!(
            step_with(&[("OMPI_COMM_WORLD_SIZE", "16")]),
            Launch::Ranks(Some(16))
        );
    }
}
