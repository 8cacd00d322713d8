//! The handshake: each rank tells rank 0 its [`Hello`], rank 0 answers with a number of threads.

use std::collections::BTreeMap;
use std::iter;
use std::time::Duration;

use crate::cores::Binding;
use crate::hello::Hello;
use crate::mpi_thread::MpiThread;
use crate::refuse::refuse_job;

/// Bounds the time for which rank 0 waits for other ranks silently.
pub(crate) const REPORT_AFTER: Duration = Duration::from_secs(10);

/// Returns the hello of this rank. Ends all ranks if it cannot read its program.
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

/// Returns the bindings of all ranks, ordered by rank. Ends all ranks if one of them runs another
/// program.
pub(crate) fn collect_hellos(mpi: &MpiThread, mine: Hello) -> Vec<Binding> {
    let mut others = BTreeMap::new();
    while others.len() + 1 < mpi.info().size {
        let Some((rank, message)) = mpi.next_hello(REPORT_AFTER) else {
            report_missing_ranks(mpi.info().size, &others);
            continue;
        };
        let host = Hello::host(&message);
        match Hello::parse(&message) {
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

/// Prints which ranks rank 0 still waits for.
fn report_missing_ranks(size: usize, heard: &BTreeMap<usize, Hello>) {
    let missing = (1..size).filter(|rank| !heard.contains_key(rank));
    let missing: Vec<_> = missing.map(|rank| rank.to_string()).collect();
    let missing = missing.join(", ");
    eprintln!("parallelize: still waiting for rank {missing} to call `parallelize_mpi::join()`");
}

/// Waits until rank 0 answers, and returns the number of threads for this rank.
pub(crate) fn wait_for_thread_count(mpi: &MpiThread) -> usize {
    loop {
        if let Some((_, threads)) = mpi.next_hello(Duration::MAX) {
            let threads = std::str::from_utf8(&threads)
                .ok()
                .and_then(|threads| threads.parse().ok());
            return threads.expect("rank 0 of the same build sends a number");
        }
    }
}
