//! Checks of message passing alone, without calls.

use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::hint;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use parallelize_mpi::__private::{MpiThread, Outbox};

/// Received messages. `early` holds, by sender, those that were not requested yet.
struct Inbox {
    incoming: Receiver<(usize, Vec<u8>)>,
    early: Vec<VecDeque<Vec<u8>>>,
}

impl Inbox {
    /// Waits for the next message of `rank`.
    fn next_from(&mut self, rank: usize) -> Vec<u8> {
        loop {
            if let Some(message) = self.early[rank].pop_front() {
                return message;
            }
            let (from, message) = self
                .incoming
                .recv()
                .expect("the sender lives as long as MPI");
            self.early[from].push_back(message);
        }
    }
}

/// Returns a byte that mostly differs for different numbers.
fn byte(number: usize) -> u8 {
    u8::try_from(number % 251).expect("less than 251")
}

/// A rank and its connections. Rank 0 talks to all others, and they only to rank 0.
struct Endpoint {
    rank: usize,
    /// The ranks that it talks to.
    peers: Range<usize>,
    outbox: Outbox,
    inbox: Inbox,
}

fn open() -> (MpiThread, Endpoint) {
    let mpi = MpiThread::open(Duration::MAX, || ()).expect("MPI is initialised once");
    let (deliver, incoming) = mpsc::channel();
    mpi.deliver_to(move |from, message| deliver.send((from, message)).expect("the endpoint lives"));
    let (rank, size) = (mpi.info().rank, mpi.info().size);
    let early = vec![VecDeque::new(); size];
    let endpoint = Endpoint {
        rank,
        peers: if rank == 0 { 1..size } else { 0..1 },
        outbox: mpi.outbox().clone(),
        inbox: Inbox { incoming, early },
    };
    (mpi, endpoint)
}

/// Returns the time for which the thread that calls MPI has had a core.
fn time_of_mpi() -> Duration {
    for task in fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten()
    {
        let read = |file| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        if read("comm").trim() == "parallelize mpi" {
            let nanoseconds = read("schedstat")
                .split(' ')
                .next()
                .and_then(|time| time.parse().ok());
            return Duration::from_nanos(nanoseconds.unwrap_or(0));
        }
    }
    Duration::ZERO
}

pub(crate) fn all() {
    let (mpi, mut endpoint) = open();
    endpoint.order();
    for megabytes in [1, 100, 200] {
        endpoint.large(megabytes << 20);
    }
    for (time, rounds) in [(0, 500), (1, 200), (5, 50)] {
        endpoint.round_trips(Duration::from_millis(time), rounds);
    }
    end(&mpi, "messages are fine");
}

/// Measures what waiting for messages costs when none arrives.
pub(crate) fn idle(seconds: &str) {
    let (mpi, _endpoint) = open();
    let seconds = Duration::from_secs(seconds.parse().expect("seconds"));
    thread::sleep(Duration::from_secs(1));
    let cost = Cost::start();
    thread::sleep(seconds);
    println!("rank {}: {cost} when idle", mpi.info().rank);
    thread::sleep(Duration::from_secs(1));
    end(&mpi, "no message arrived");
}

fn end(mpi: &MpiThread, words: &str) {
    if mpi.info().rank == 0 {
        mpi.outbox().leave(Duration::from_secs(10));
        println!("{words}");
    } else {
        thread::park();
    }
}

impl Endpoint {
    fn send(&self, message: &[u8]) {
        let message = Arc::new(message.to_vec());
        let send = |to| self.outbox.send(to, Arc::clone(&message));
        self.peers.clone().for_each(send);
    }

    /// Sends many messages of many lengths both ways at once. Some are empty.
    fn order(&mut self) {
        const MESSAGES: usize = 5_000;
        let message = |i: usize| -> Vec<u8> {
            let length = if i % 1000 == 999 { 9_000_000 } else { i % 700 };
            vec![byte(i); length]
        };
        (0..MESSAGES).for_each(|i| self.send(&message(i)));
        for from in self.peers.clone() {
            for i in 0..MESSAGES {
                assert!(
                    self.inbox.next_from(from) == message(i),
                    "message {i} of rank {from}"
                );
            }
        }
        self.meet();
    }

    /// Waits until all ranks have called it.
    fn meet(&mut self) {
        if self.rank != 0 {
            self.send(&[]);
        }
        for from in self.peers.clone() {
            assert!(self.inbox.next_from(from).is_empty());
        }
        if self.rank == 0 {
            self.send(&[]);
        }
    }

    /// Sends a message of `length` bytes both ways at once.
    fn large(&mut self, length: usize) {
        let message = vec![byte(self.rank); length];
        self.meet();
        let start = Instant::now();
        self.send(&message);
        for from in self.peers.clone() {
            let received = self.inbox.next_from(from);
            assert!(received.len() == length && received.iter().all(|&is| is == byte(from)));
        }
        if self.rank == 0 {
            let megabytes = 2 * (length >> 20) * self.peers.len();
            println!(
                "{megabytes} MB, half of them each way: {:?}",
                start.elapsed()
            );
        }
        self.meet();
    }

    /// Keeps two messages on their way there and back. Each side works on each of them for `time`.
    fn round_trips(&mut self, time: Duration, rounds: u32) {
        let answer = |inbox: &mut Inbox, outbox: &Outbox, from| {
            let message = inbox.next_from(from);
            let start = Instant::now();
            while start.elapsed() < time {
                hint::spin_loop();
            }
            outbox.send(from, Arc::new(message));
        };
        let (start, cost) = (Instant::now(), Cost::start());
        if self.rank == 0 {
            (0..2).for_each(|_| self.send(&[0; 1000]));
        }
        for _ in 0..rounds {
            self.peers
                .clone()
                .for_each(|from| answer(&mut self.inbox, &self.outbox, from));
        }
        let took = start.elapsed() / rounds;
        println!(
            "rank {}: items of {time:?}, one each {took:?}; {cost}",
            self.rank
        );
        if self.rank != 0 {
            (0..2).for_each(|_| drop(self.inbox.next_from(0)));
        }
        self.meet();
    }
}

/// Measures the share of a core that the thread that calls MPI uses.
struct Cost {
    start: Instant,
    before: Duration,
}

impl Cost {
    fn start() -> Self {
        Self {
            start: Instant::now(),
            before: time_of_mpi(),
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = time_of_mpi().saturating_sub(self.before).as_secs_f64();
        write!(
            f,
            "MPI had {:.2} % of a core",
            time / self.start.elapsed().as_secs_f64() * 100.0
        )
    }
}
