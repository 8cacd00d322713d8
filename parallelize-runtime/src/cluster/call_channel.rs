//! The connection of one call to the other ranks.

use std::mem;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::leader::{Cluster, Reply};
use super::message::{Message, StopOn};

/// What a rank needs to know of a call before its first chunk.
pub(crate) struct CallHeader {
    pub(super) function: &'static str,
    /// The number of threads of each rank that work on the call. `None` stands for all of them.
    pub(super) threads: Option<usize>,
    pub(super) stop_on: StopOn,
    /// Whether results are sums of leaves, as far as chunks hold whole ones.
    pub(super) sums: bool,
    pub(super) constants: Vec<u8>,
}

impl CallHeader {
    /// Makes the message that opens `call`.
    pub(crate) fn open(self, call: u64) -> Message {
        Message::Open {
            call,
            function: self.function.to_owned(),
            threads: self.threads,
            stop_on: self.stop_on,
            sums: self.sums,
            constants: self.constants,
        }
    }
}

/// The connection of one call to the other ranks. The call is closed when this is dropped.
pub(super) struct CallChannel {
    pub(super) cluster: Arc<Cluster>,
    /// The number of the call.
    call: u64,
    /// The encoded header, which all ranks share.
    header: Arc<Vec<u8>>,
    /// Whether each peer has received the header.
    has_header: Vec<bool>,
    /// Keeps the channel open, and wakes its receiver.
    waker: Sender<Reply>,
    replies: Receiver<Reply>,
}

impl CallChannel {
    /// Opens a call.
    pub(super) fn open(cluster: Arc<Cluster>) -> Self {
        let (sender, replies) = mpsc::channel();
        Self {
            call: cluster.open_call(sender.clone()),
            header: Arc::default(),
            has_header: vec![false; cluster.others.len()],
            waker: sender,
            replies,
            cluster,
        }
    }

    /// Sets the header, before any chunk is sent.
    pub(super) fn set_header(&mut self, header: CallHeader) {
        self.header = Arc::new(header.open(self.call).into_bytes());
    }

    /// Sends a chunk of `items`, the first of which stands at `start`, to `peer`.
    pub(super) fn send_chunk(&mut self, peer: usize, start: usize, items: Vec<u8>) {
        if !mem::replace(&mut self.has_header[peer], true) {
            self.cluster.send_bytes(peer, Arc::clone(&self.header));
        }
        let call = self.call;
        let chunk = Message::Chunk { call, start, items };
        self.cluster.send(peer, chunk);
    }

    /// Tells all ranks that no item from `position` on need begin.
    pub(super) fn send_bound(&self, position: usize) {
        let call = self.call;
        for peer in self.peers() {
            self.cluster.send(peer, Message::Bound { call, position });
        }
    }

    /// Waits up to `timeout` for the next reply. Returns it and the peer that sent it.
    pub(super) fn next_reply(&self, timeout: Duration) -> Option<(usize, Message)> {
        match self.replies.recv_timeout(timeout) {
            Ok(reply) => reply,
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => unreachable!("`waker` is a sender"),
        }
    }

    /// Returns a closure that ends the wait for a reply.
    pub(super) fn waker(&self) -> impl Fn() + use<> {
        let waker = self.waker.clone();
        move || _ = waker.send(None)
    }

    /// Returns the peers that have received the header.
    fn peers(&self) -> impl Iterator<Item = usize> + '_ {
        let peers = self.has_header.iter().enumerate();
        peers.filter_map(|(peer, has_header)| has_header.then_some(peer))
    }
}

impl Drop for CallChannel {
    fn drop(&mut self) {
        self.cluster.close_call(self.call);
        for peer in self.peers() {
            self.cluster.send(peer, Message::Close { call: self.call });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::rank::Rank;
    use super::super::transport::Transport;
    use super::*;
    use crate::sync::lock;

    /// Keeps each message and the rank that it was sent to.
    #[derive(Default)]
    struct Kept(Mutex<Vec<(usize, Arc<Vec<u8>>)>>);

    impl Transport for Kept {
        fn send(&self, rank: usize, message: Arc<Vec<u8>>) {
            lock(&self.0).push((rank, message));
        }
    }

    fn rank(number: usize) -> Rank {
        Rank {
            number,
            host: String::new(),
            threads: 1,
        }
    }

    fn cluster(others: usize) -> (Arc<Cluster>, Arc<Kept>) {
        let kept = Arc::<Kept>::default();
        let transport: Arc<dyn Transport> = kept.clone();
        let cluster = Cluster::new(rank(0), (1..=others).map(rank).collect(), transport);
        (cluster, kept)
    }

    #[test]
    fn all_ranks_share_one_copy_of_the_constants() {
        let (cluster, kept) = cluster(3);
        let mut channel = CallChannel::open(cluster);
        channel.set_header(CallHeader {
            function: "f",
            threads: None,
            stop_on: StopOn::Panic,
            sums: false,
            constants: vec![7; 1_000],
        });
        for peer in [0, 2, 0, 1] {
            channel.send_chunk(peer, 0, vec![1]);
        }
        drop(channel);
        let kept = lock(&kept.0);
        let headers: Vec<_> = kept
            .iter()
            .filter(|(_, bytes)| bytes.len() > 1_000)
            .collect();
        assert_eq!(
            headers.iter().map(|(rank, _)| *rank).collect::<Vec<_>>(),
            [1, 3, 2]
        );
        assert!(
            headers
                .iter()
                .all(|(_, bytes)| Arc::ptr_eq(bytes, &headers[0].1))
        );
        assert_eq!(kept.len(), 3 + 4 + 3);
    }
}
