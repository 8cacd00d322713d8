//! The rank on which `main` goes on.

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use super::message::{Message, StopOn};
use super::{Rank, Transport};
use crate::sync::lock;

/// The cluster of this process, if it leads one.
static CLUSTER: RwLock<Option<Arc<Cluster>>> = RwLock::new(None);

/// The other ranks, and the calls that are under way.
pub(crate) struct Cluster {
    pub(crate) me: Rank,
    pub(crate) ranks: Vec<Rank>,
    transport: Arc<dyn Transport>,
    calls: Mutex<Calls>,
    /// Whether the other ranks have been told to leave.
    has_ended: AtomicBool,
}

#[derive(Default)]
struct Calls {
    begun: u64,
    /// Where their answers go.
    open: BTreeMap<u64, Sender<Reply>>,
}

/// A message and whose it is; or word that there may be no further one.
type Reply = Option<(usize, Message)>;

impl Cluster {
    fn new(me: Rank, others: Vec<Rank>, transport: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self {
            me,
            ranks: others,
            transport,
            calls: Mutex::default(),
            has_ended: AtomicBool::new(false),
        })
    }

    /// The one that this process leads, if there are other ranks.
    pub(crate) fn current() -> Option<Arc<Self>> {
        let cluster = CLUSTER.read().unwrap_or_else(PoisonError::into_inner);
        let has_others = |cluster: &&Arc<Self>| !cluster.ranks.is_empty();
        cluster.as_ref().filter(has_others).map(Arc::clone)
    }

    /// How many threads the other ranks have, if a call has so many on each.
    pub(crate) fn threads(&self, asked: Option<usize>) -> usize {
        let threads = self.ranks.iter();
        threads.map(|rank| asked.unwrap_or(rank.threads)).sum()
    }

    /// A new call.
    pub(crate) fn call(self: &Arc<Self>) -> CallChannel {
        let (sender, answers) = mpsc::channel();
        let mut calls = lock(&self.calls);
        calls.begun += 1;
        let call = calls.begun;
        calls.open.insert(call, sender.clone());
        CallChannel {
            cluster: Arc::clone(self),
            call,
            begin: Arc::default(),
            told: vec![false; self.ranks.len()],
            wake: sender,
            answers,
        }
    }

    /// Whether no answer comes any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Relaxed)
    }

    fn send(&self, place: usize, message: Message) {
        self.pass(place, Arc::new(message.into_bytes()));
    }

    fn pass(&self, place: usize, message: Arc<Vec<u8>>) {
        self.transport.send(self.ranks[place].number, message);
    }
}

/// The leader's side of a cluster. It is that of all calls in this process until it is dropped; then
/// the followers are told that there are no further calls, and one that waits for them panics.
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

    /// What takes the messages that have come from other ranks.
    pub fn inbox(&self) -> impl Fn(usize, Vec<u8>) + Send + Sync + use<> {
        let cluster = Arc::clone(&self.cluster);
        move |rank, bytes| {
            let message = Message::from_bytes(bytes).expect("a rank of this build speaks as we do");
            let (Message::Results { call, .. } | Message::Refused { call, .. }) = message else {
                unreachable!("a follower only answers");
            };
            let answers = lock(&cluster.calls).open.get(&call).cloned();
            // Nobody waits for an answer to a call that has ended.
            if let (Some(answers), Some(place)) = (answers, cluster.place(rank)) {
                _ = answers.send(Some((place, message)));
            }
        }
    }
}

impl Cluster {
    /// Where a rank stands among the others.
    fn place(&self, number: usize) -> Option<usize> {
        self.ranks.iter().position(|rank| rank.number == number)
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        let mut current = CLUSTER.write().unwrap_or_else(PoisonError::into_inner);
        let is_ours = |cluster: &Arc<Cluster>| Arc::ptr_eq(cluster, &self.cluster);
        if current.as_ref().is_some_and(is_ours) {
            *current = None;
        }
        // A call may be under way on another thread. It finds out by itself, so this need not be
        // ordered with anything.
        self.cluster.has_ended.store(true, Ordering::Relaxed);
        for place in 0..self.cluster.ranks.len() {
            self.cluster.send(place, Message::Shutdown);
        }
    }
}

/// A call's line to the other ranks.
pub(crate) struct CallChannel {
    pub(crate) cluster: Arc<Cluster>,
    call: u64,
    /// What a rank has to know of the call before its first run.
    begin: Arc<Vec<u8>>,
    /// Which ranks know it, by their places.
    told: Vec<bool>,
    wake: Sender<Reply>,
    answers: Receiver<Reply>,
}

impl CallChannel {
    /// Says what the call is about, before anything is sent.
    pub(crate) fn begin(&mut self, about: CallHeader) {
        let begin = Message::Begin {
            call: self.call,
            function: about.function.to_owned(),
            threads: about.threads,
            ends_with: about.ends_with,
            constants: about.constants,
        };
        self.begin = Arc::new(begin.into_bytes());
    }

    /// Sends the items from `start` on to the rank at `place`.
    pub(crate) fn send(&mut self, place: usize, start: usize, items: Vec<u8>) {
        if !mem::replace(&mut self.told[place], true) {
            self.cluster.pass(place, Arc::clone(&self.begin));
        }
        let call = self.call;
        let run = Message::Run { call, start, items };
        self.cluster.send(place, run);
    }

    /// Has no rank begin any item from `position` on.
    pub(crate) fn bound(&self, position: usize) {
        let call = self.call;
        for place in self.places() {
            self.cluster.send(place, Message::Bound { call, position });
        }
    }

    /// The next answer and who gave it, if one comes within `patience`.
    pub(crate) fn answer(&self, patience: Duration) -> Option<(usize, Message)> {
        match self.answers.recv_timeout(patience) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => unreachable!("we hold the other end"),
        }
    }

    /// What ends the wait for an answer.
    pub(crate) fn waker(&self) -> impl Fn() + use<> {
        let wake = self.wake.clone();
        move || _ = wake.send(None)
    }

    /// The ranks that know of the call.
    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let told = self.told.iter().enumerate();
        told.filter_map(|(place, told)| told.then_some(place))
    }
}

impl Drop for CallChannel {
    fn drop(&mut self) {
        lock(&self.cluster.calls).open.remove(&self.call);
        for place in self.places() {
            self.cluster.send(place, Message::End { call: self.call });
        }
    }
}

/// What a rank has to know of a call before its first run.
pub(crate) struct CallHeader {
    pub(crate) function: &'static str,
    /// On how many threads of each rank, if that was said.
    pub(crate) threads: Option<usize>,
    pub(crate) ends_with: StopOn,
    pub(crate) constants: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps what is sent, and to whom.
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
    fn constants_are_there_once_however_many_ranks_are_told() {
        let (cluster, kept) = cluster(3);
        let mut line = cluster.call();
        line.begin(CallHeader {
            function: "f",
            threads: None,
            ends_with: StopOn::Panic,
            constants: vec![7; 1_000],
        });
        for place in [0, 2, 0, 1] {
            line.send(place, 0, vec![1]);
        }
        drop(line);
        let kept = lock(&kept.0);
        let begins: Vec<_> = kept
            .iter()
            .filter(|(_, bytes)| bytes.len() > 1_000)
            .collect();
        assert_eq!(
            begins.iter().map(|(rank, _)| *rank).collect::<Vec<_>>(),
            [1, 3, 2]
        );
        assert!(
            begins
                .iter()
                .all(|(_, bytes)| Arc::ptr_eq(bytes, &begins[0].1))
        );
        assert_eq!(kept.len(), 3 + 4 + 3);
    }
}
