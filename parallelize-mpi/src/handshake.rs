//! What ranks tell each other before there is a cluster.

use std::collections::BTreeMap;
use std::iter;
use std::time::Duration;

use crate::cores::Seat;
use crate::hello::Hello;
use crate::mpi_thread::Post;
use crate::refuse::refuse;

/// How long rank 0 waits for the other ranks until it says so.
pub(crate) const SILENCE: Duration = Duration::from_secs(10);

/// What this rank says about itself.
pub(crate) fn introduction(post: &Post) -> Hello {
    let host = &post.place().host;
    Hello::of_this_process(host).unwrap_or_else(|error| {
        let rank = post.place().rank;
        refuse(
            post.outbox(),
            &format!("rank {rank} on {host} cannot read its own program: {error}"),
        )
    })
}

/// Where all ranks are, in their order. Each of them has to run the same program.
pub(crate) fn gather(post: &Post, mine: Hello) -> Vec<Seat> {
    let mut others = BTreeMap::new();
    while others.len() + 1 < post.place().size {
        let Some((rank, said)) = post.hello(SILENCE) else {
            tell_who_is_missing(post.place().size, &others);
            continue;
        };
        let host = Hello::host(&said);
        match Hello::parse(&said) {
            Some(hello) if hello.is_same_build(&mine) => others.insert(rank, hello),
            _ => refuse(
                post.outbox(),
                &format!(
                    "rank {rank} on {host} runs another build of this program than rank 0 on {}: \
                     each host needs the same file",
                    mine.seat.host
                ),
            ),
        };
    }
    let hellos = iter::once(mine).chain(others.into_values());
    hellos.map(|hello| hello.seat).collect()
}

fn tell_who_is_missing(size: usize, heard: &BTreeMap<usize, Hello>) {
    let missing = (1..size).filter(|rank| !heard.contains_key(rank));
    let missing: Vec<_> = missing.map(|rank| rank.to_string()).collect();
    let missing = missing.join(", ");
    eprintln!("parallelize: still waiting for rank {missing} to call `parallelize_mpi::join()`");
}

/// Waits until rank 0 has heard of all ranks. It says how many threads this one is to have.
pub(crate) fn welcome(post: &Post) -> usize {
    loop {
        if let Some((_, threads)) = post.hello(Duration::MAX) {
            let threads = std::str::from_utf8(&threads)
                .ok()
                .and_then(|threads| threads.parse().ok());
            return threads.expect("rank 0 of this build says a number");
        }
    }
}
