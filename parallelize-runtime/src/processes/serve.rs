//! The life of a process that evaluates items.

use std::fs::File;
use std::io::BufReader;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;
use std::{mem, process};

use super::frame::{self, Kind};
use crate::cluster::{Message, OpenCall, QueuedChunk};
use crate::outcome::discard;

/// Bounds the time that what runs at the exit of the process may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// Evaluates the items that arrive on `socket`, on this thread, until it is closed. Then ends the
/// process.
pub(super) fn serve(socket: &UnixStream) -> ! {
    // What reads the standard input must not read from the socket.
    if let Ok(nothing) = File::open("/dev/null") {
        _ = rustix::stdio::dup2_stdin(&nothing);
    }
    let (sender, work) = mpsc::channel();
    let reading = socket.try_clone().and_then(|socket| {
        let named = thread::Builder::new().name("parallelize socket".to_owned());
        named.spawn(move || read(socket, &sender))
    });
    if let Err(error) = reading {
        eprintln!("parallelize: a process cannot evaluate items: {error}");
        process::exit(1);
    }
    // Ends with the other process at the latest. If that has ended, so does the reading thread.
    let send = |kind, bytes: &[u8]| _ = frame::write(socket, kind, bytes);
    send(Kind::Ready, &[]);
    let mut local = None;
    for work in work {
        let chunk = match work {
            Work::Chunk(chunk) => chunk,
            Work::Close(call) => {
                discard(local.take());
                discard(call);
                continue;
            }
        };
        let begins = |results: &mut Vec<u8>| {
            send(Kind::Begins, results);
            results.clear();
        };
        match chunk.evaluate(0, &mut local, Some(&begins)) {
            Message::Results { results, .. } => send(Kind::Done, &results),
            Message::Refused { reason, .. } => send(Kind::Refused, reason.as_bytes()),
            _ => unreachable!("a chunk has one of these replies"),
        }
    }
    exit()
}

/// What the thread that evaluates items has to do.
enum Work {
    Chunk(QueuedChunk),
    /// The call is over, and so is the thread's own state in it.
    Close(Option<Arc<OpenCall>>),
}

/// Passes on what arrives on `socket`. Ends the process when it is closed.
fn read(socket: UnixStream, work: &Sender<Work>) {
    let (mut socket, mut bytes) = (BufReader::new(socket), Vec::new());
    let mut open: Option<Arc<OpenCall>> = None;
    while let Ok(Kind::Message) = frame::read(&mut socket, &mut bytes) {
        let message = Message::from_bytes(mem::take(&mut bytes));
        let passed_on = match message.expect("both processes run the same program") {
            Message::Open {
                call,
                function,
                stop_on,
                sums,
                constants,
                ..
            } => {
                let call = OpenCall::new(call, function, constants, stop_on, sums, 1);
                work.send(Work::Close(open.replace(Arc::new(call))))
            }
            Message::Chunk { start, items, .. } => {
                let call = open
                    .clone()
                    .expect("a call is opened before its first chunk");
                work.send(Work::Chunk(QueuedChunk { call, start, items }))
            }
            Message::Bound { position, .. } => {
                if let Some(call) = &open {
                    call.lower_bound(position);
                }
                Ok(())
            }
            Message::Close { .. } => work.send(Work::Close(open.take())),
            _ => unreachable!("no other message is sent to a process"),
        };
        if passed_on.is_err() {
            break;
        }
    }
    exit()
}

/// Ends this process, whatever its other threads do.
fn exit() -> ! {
    // What runs at the exit of a C library may wait for an item that hangs.
    _ = thread::Builder::new().spawn(|| {
        thread::sleep(PATIENCE);
        process::abort();
    });
    process::exit(0)
}
