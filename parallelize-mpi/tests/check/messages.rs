//! Messages by themselves, without anything that they could be about.

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

/// What has come, by sender.
struct Inbox {
    coming: Receiver<(usize, Vec<u8>)>,
    early: Vec<VecDeque<Vec<u8>>>,
}

impl Inbox {
    fn next_from(&mut self, rank: usize) -> Vec<u8> {
        loop {
            if let Some(message) = self.early[rank].pop_front() {
                return message;
            }
            let (from, message) = self.coming.recv().expect("messages come");
            self.early[from].push_back(message);
        }
    }
}

/// A byte to know a number by.
fn byte(number: usize) -> u8 {
    u8::try_from(number % 251).expect("it is less")
}

/// One end of all ways between rank 0 and the others.
struct Endpoint {
    rank: usize,
    /// With whom it speaks.
    peers: Range<usize>,
    outbox: Outbox,
    inbox: Inbox,
}

fn open() -> (MpiThread, Endpoint) {
    let mpi = MpiThread::open(Duration::MAX, || ()).expect("MPI is initialised once");
    let (deliver, coming) = mpsc::channel();
    mpi.deliver_to(move |from, message| deliver.send((from, message)).expect("somebody listens"));
    let (rank, size) = (mpi.info().rank, mpi.info().size);
    let early = vec![VecDeque::new(); size];
    let endpoint = Endpoint {
        rank,
        peers: if rank == 0 { 1..size } else { 0..1 },
        outbox: mpi.outbox().clone(),
        inbox: Inbox { coming, early },
    };
    (mpi, endpoint)
}

/// The time for which the thread of MPI has had a core.
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

/// What it costs to wait for messages that do not come.
pub(crate) fn idle(seconds: &str) {
    let (mpi, _endpoint) = open();
    let seconds = Duration::from_secs(seconds.parse().expect("seconds"));
    thread::sleep(Duration::from_secs(1));
    let cost = Cost::start();
    thread::sleep(seconds);
    println!("rank {}: {cost} when idle", mpi.info().rank);
    thread::sleep(Duration::from_secs(1));
    end(&mpi, "nothing has come");
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

    /// Many of all lengths, each way at once, some of them empty.
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

    /// Waits until all have come so far.
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

    /// Both ways at once.
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

    /// Two messages there and back all the time, while each side works for some time on each of them.
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
            "rank {}: rounds of {time:?}, one each {took:?}; {cost}",
            self.rank
        );
        if self.rank != 0 {
            (0..2).for_each(|_| drop(self.inbox.next_from(0)));
        }
        self.meet();
    }
}

/// How much of a core the thread of MPI has taken since.
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
