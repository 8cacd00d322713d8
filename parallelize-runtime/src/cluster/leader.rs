//! The rank that continues `main`, and what it knows of the others.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::message::Message;
use super::rank::Rank;
use super::transport::Transport;
use crate::sync::lock;

/// The cluster that this process leads, if any.
static CLUSTER: RwLock<Option<Arc<Cluster>>> = RwLock::new(None);

/// All ranks, as the leader sees them, and the open calls.
///
/// A `peer` is the index of a rank in `others`.
pub(super) struct Cluster {
    pub(super) leader: Rank,
    pub(super) others: Vec<Rank>,
    transport: Arc<dyn Transport>,
    calls: Mutex<Calls>,
    /// Whether the followers learn that there are no further calls. Relaxed, as it orders nothing.
    is_shut_down: AtomicBool,
}

#[derive(Default)]
struct Calls {
    /// The number of the latest call.
    latest: u64,
    /// Where the replies to each open call go.
    open: BTreeMap<u64, Sender<Reply>>,
}

/// A message and the peer that sent it, or `None`, which only wakes the receiver.
pub(super) type Reply = Option<(usize, Message)>;

impl Cluster {
    pub(super) fn new(leader: Rank, others: Vec<Rank>, transport: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self {
            leader,
            others,
            transport,
            calls: Mutex::default(),
            is_shut_down: AtomicBool::new(false),
        })
    }

    /// Returns the cluster that this process leads, if there are other ranks.
    pub(super) fn current() -> Option<Arc<Self>> {
        let cluster = CLUSTER.read().unwrap_or_else(PoisonError::into_inner);
        let has_others = |cluster: &&Arc<Self>| !cluster.others.is_empty();
        cluster.as_ref().filter(has_others).map(Arc::clone)
    }

    /// Returns the number of threads on all other ranks, where `per_rank` replaces the number of
    /// each.
    pub(super) fn threads(&self, per_rank: Option<usize>) -> usize {
        let others = self.others.iter();
        others.map(|rank| per_rank.unwrap_or(rank.threads)).sum()
    }

    /// Opens a call whose replies go to `replies`. Returns its number.
    pub(super) fn open_call(&self, replies: Sender<Reply>) -> u64 {
        let mut calls = lock(&self.calls);
        calls.latest += 1;
        let call = calls.latest;
        calls.open.insert(call, replies);
        call
    }

    /// Closes the call with this number. Later replies to it are ignored.
    pub(super) fn close_call(&self, call: u64) {
        lock(&self.calls).open.remove(&call);
    }

    /// Returns whether no further reply will arrive.
    pub(super) fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::Relaxed)
    }

    /// Sends `message` to `peer`.
    pub(super) fn send(&self, peer: usize, message: Message) {
        self.send_bytes(peer, Arc::new(message.into_bytes()));
    }

    /// Sends an encoded message to `peer`.
    pub(super) fn send_bytes(&self, peer: usize, message: Arc<Vec<u8>>) {
        self.transport.send(self.others[peer].number, message);
    }

    /// Passes a follower's message on to the call that it replies to, if that is still open.
    fn deliver(&self, rank: usize, bytes: Vec<u8>) {
        let message = Message::from_bytes(bytes).expect("all ranks run the same build");
        let (Message::Results { call, .. } | Message::Refused { call, .. }) = message else {
            unreachable!("a follower sends only replies");
        };
        let replies = lock(&self.calls).open.get(&call).cloned();
        let peer = self.others.iter().position(|other| other.number == rank);
        if let (Some(replies), Some(peer)) = (replies, peer) {
            // The call may end at this moment.
            _ = replies.send(Some((peer, message)));
        }
    }
}

/// The leader's side of a cluster, for all calls in this process.
///
/// When it is dropped, it tells the followers that there are no further calls. A call that still
/// waits for followers then panics.
pub struct Leader {
    cluster: Arc<Cluster>,
}

impl Leader {
    /// Makes this process, which is rank 0, the leader of the `others`.
    pub fn install(me: Rank, others: Vec<Rank>, transport: Arc<dyn Transport>) -> Self {
        let cluster = Cluster::new(me, others, transport);
        let mut current = CLUSTER.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::clone(&cluster));
        Self { cluster }
    }

    /// Returns the function that takes messages from other ranks, with the number of the sender.
    pub fn inbox(&self) -> impl Fn(usize, Vec<u8>) + Send + Sync + use<> {
        let cluster = Arc::clone(&self.cluster);
        move |rank, bytes| cluster.deliver(rank, bytes)
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        let mut current = CLUSTER.write().unwrap_or_else(PoisonError::into_inner);
        let is_ours = |cluster: &Arc<Cluster>| Arc::ptr_eq(cluster, &self.cluster);
        if current.as_ref().is_some_and(is_ours) {
            *current = None;
        }
        // The dispatcher of a call on another thread polls this.
        self.cluster.is_shut_down.store(true, Ordering::Relaxed);
        for peer in 0..self.cluster.others.len() {
            self.cluster.send(peer, Message::Shutdown);
        }
    }
}
