//! What ranks tell each other before there is a cluster.

use std::collections::BTreeMap;
use std::iter;
use std::time::Duration;

use crate::cores::Binding;
use crate::hello::Hello;
use crate::mpi_thread::MpiThread;
use crate::refuse::refuse_job;

/// How long rank 0 waits for the other ranks until it says so.
pub(crate) const REPORT_AFTER: Duration = Duration::from_secs(10);

/// What this rank says about itself.
pub(crate) fn own_hello(mpi: &MpiThread) -> Hello {
    let host = &mpi.info().host;
    Hello::of_this_process(host).unwrap_or_else(|error| {
        let rank = mpi.info().rank;
        refuse_job(
            mpi.outbox(),
            &format!("rank {rank} on {host} cannot read its own program: {error}"),
        )
    })
}

/// Where all ranks are, in their order. Each of them has to run the same program.
pub(crate) fn collect_hellos(mpi: &MpiThread, mine: Hello) -> Vec<Binding> {
    let mut others = BTreeMap::new();
    while others.len() + 1 < mpi.info().size {
        let Some((rank, said)) = mpi.next_hello(REPORT_AFTER) else {
            report_missing_ranks(mpi.info().size, &others);
            continue;
        };
        let host = Hello::host(&said);
        match Hello::parse(&said) {
            Some(hello) if hello.is_same_build(&mine) => others.insert(rank, hello),
            _ => refuse_job(
                mpi.outbox(),
                &format!(
                    "rank {rank} on {host} runs another build of this program than rank 0 on {}: \
                     each host needs the same file",
                    mine.binding.host
                ),
            ),
        };
    }
    let hellos = iter::once(mine).chain(others.into_values());
    hellos.map(|hello| hello.binding).collect()
}

fn report_missing_ranks(size: usize, heard: &BTreeMap<usize, Hello>) {
    let missing = (1..size).filter(|rank| !heard.contains_key(rank));
    let missing: Vec<_> = missing.map(|rank| rank.to_string()).collect();
    let missing = missing.join(", ");
    eprintln!("parallelize: still waiting for rank {missing} to call `parallelize_mpi::join()`");
}

/// Waits until rank 0 has heard of all ranks. It says how many threads this one is to have.
pub(crate) fn wait_for_thread_count(mpi: &MpiThread) -> usize {
    loop {
        if let Some((_, threads)) = mpi.next_hello(Duration::MAX) {
            let threads = std::str::from_utf8(&threads)
                .ok()
                .and_then(|threads| threads.parse().ok());
            return threads.expect("rank 0 of this build says a number");
        }
    }
}
