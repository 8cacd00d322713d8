//! Which rank receives the next chunk.

use std::time::Duration;

/// Bounds the time of a short chunk. While chunks are short, each thread has a second one queued,
/// so that it does not wait for a round trip. Behind a longer chunk, the second one would have to
/// wait too long.
const SHORT_CHUNK: Duration = Duration::from_millis(50);

/// The chunks that each peer has.
pub(super) struct Loads {
    peers: Vec<Load>,
    /// Whether the latest finished chunk was short.
    is_short: bool,
}

struct Load {
    chunks: usize,
    threads: usize,
}

impl Loads {
    /// Makes the loads of peers that have these numbers of threads, and no chunks yet.
    pub(super) fn new(threads: impl Iterator<Item = usize>) -> Self {
        let load = |threads| Load { chunks: 0, threads };
        Self {
            peers: threads.map(load).collect(),
            is_short: false,
        }
    }

    /// Returns the peer that has the fewest chunks for its threads, if it can take another one.
    pub(super) fn free_peer(&self) -> Option<usize> {
        let per_thread = if self.is_short { 2 } else { 1 };
        let peers = self.peers.iter().enumerate();
        let load = |(_, load): &(usize, &Load)| load.chunks * 1_000 / load.threads.max(1);
        let (peer, load) = peers.min_by_key(load)?;
        (load.chunks < per_thread * load.threads).then_some(peer)
    }

    /// Notes that a chunk was sent to `peer`.
    pub(super) fn sent(&mut self, peer: usize) {
        self.peers[peer].chunks += 1;
    }

    /// Notes that a chunk came back from `peer`.
    pub(super) fn returned(&mut self, peer: usize) {
        self.peers[peer].chunks -= 1;
    }

    /// Learns from a finished chunk, which kept its thread `busy`.
    pub(super) fn learn(&mut self, busy: Duration) {
        self.is_short = busy <= SHORT_CHUNK;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_has_one_chunk_and_a_second_one_while_they_are_short() {
        let mut loads = Loads::new([1, 3].into_iter());
        let fill = |loads: &mut Loads| {
            let mut sent = Vec::new();
            while let Some(peer) = loads.free_peer() {
                loads.sent(peer);
                sent.push(peer);
            }
            sent
        };
        assert_eq!(fill(&mut loads), [0, 1, 1, 1]);
        loads.returned(1);
        loads.learn(2 * SHORT_CHUNK);
        assert_eq!(fill(&mut loads), [1]);
        loads.learn(SHORT_CHUNK);
        assert_eq!(fill(&mut loads), [0, 1, 1, 1]);
    }
}
