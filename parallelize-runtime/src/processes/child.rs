//! A process that evaluates items, as the one that started it sees it.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{self, Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::VARIABLE;
use super::frame::{self, Kind};
use crate::outcome::DeathCause;
use crate::sync::lock;

/// Bounds the time that a process has to end by itself after its socket was closed.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bounds the time for which a process may take nothing of a message, or send nothing in the middle
/// of one.
const MESSAGE_PATIENCE: Duration = Duration::from_secs(60);

/// The time between two looks at whether the call goes on, while a process is silent.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// Bounds the time of a look at what has arrived from below, as 0 would stand for no bound.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The time after which people are told that a process does not join.
const JOIN_PATIENCE: Duration = Duration::from_secs(10);

/// A process that evaluates items. When this is dropped, it ends.
pub(super) struct WorkerProcess {
    child: Child,
    socket: BufReader<UnixStream>,
    /// The number of the call whose constants it has. 0 stands for none.
    pub(super) call: u64,
    /// The number of items that it has begun.
    pub(super) items: usize,
    /// Whether it has said that it evaluates items.
    is_ready: bool,
    /// The time for which reading waits at most.
    read_timeout: Option<Duration>,
    /// Whether it was found to have ended.
    has_ended: bool,
}

impl WorkerProcess {
    /// Starts this program again, with the same arguments.
    pub(super) fn start() -> io::Result<Self> {
        // Where a new socket is inherited for a moment, as on macOS, another process that is
        // started meanwhile would hold it open.
        static STARTING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = lock(&STARTING);
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_write_timeout(Some(MESSAGE_PATIENCE))?;
        let mut arguments = env::args_os();
        let name = arguments.next();
        let mut command = Command::new(program()?);
        if let Some(name) = name {
            command.arg0(name);
        }
        // As its standard input, since no other descriptor is inherited.
        let child = command
            .args(arguments)
            .env(VARIABLE, process::id().to_string())
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            // Ctrl-C is for this process, which may want to finish the items that have begun. And
            // what an item starts can be killed with it.
            .process_group(0)
            .spawn()?;
        Ok(Self {
            child,
            socket: BufReader::with_capacity(64 << 10, ours),
            call: 0,
            items: 0,
            is_ready: false,
            read_timeout: None,
            has_ended: false,
        })
    }

    /// Waits until the process evaluates items.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind `Interrupted` if there is nothing to wait for any more, which
    /// `is_over` says, and another one if the process has died.
    pub(super) fn wait_until_ready(&mut self, is_over: &dyn Fn() -> bool) -> io::Result<()> {
        if self.is_ready {
            return Ok(());
        }
        let (begun, mut is_told) = (Instant::now(), false);
        let mut wait = |_: &Self| {
            if !is_told && begun.elapsed() > JOIN_PATIENCE {
                is_told = true;
                eprintln!(
                    "parallelize: a process has not called `processes::join()` for {} s; what \
                     stands before it runs in each process, and may not read the standard input",
                    JOIN_PATIENCE.as_secs()
                );
            }
            if is_over() {
                return Err(ErrorKind::Interrupted.into());
            }
            Ok(())
        };
        match self.receive(&mut Vec::new(), None, &mut wait)? {
            Kind::Ready => self.is_ready = true,
            _ => return Err(ErrorKind::InvalidData.into()),
        }
        Ok(())
    }

    /// Sends an encoded message.
    pub(super) fn send(&self, message: &[u8]) -> io::Result<()> {
        frame::write(self.socket.get_ref(), Kind::Message, message)
    }

    /// Waits for the next frame, which goes into `bytes`, until the `deadline`. Calls `wait` now
    /// and then.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind `TimedOut` after the deadline, that of `wait`, and another one
    /// if the process has died.
    pub(super) fn receive(
        &mut self,
        bytes: &mut Vec<u8>,
        deadline: Option<Instant>,
        wait: &mut dyn FnMut(&Self) -> io::Result<()>,
    ) -> io::Result<Kind> {
        while self.socket.buffer().is_empty() {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            // After the deadline, too, what has arrived is read: this process may have been stopped
            // meanwhile.
            let time = left.map_or(LOOK_INTERVAL, |left| left.min(LOOK_INTERVAL));
            self.set_read_timeout(time.max(SHORTEST_WAIT))?;
            match self.socket.fill_buf() {
                Ok([]) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if is_timeout(&error) && left.is_some_and(|left| left.is_zero()) => {
                    return Err(ErrorKind::TimedOut.into());
                }
                Err(error) if is_timeout(&error) => {
                    look(&mut self.child, &mut self.has_ended)?;
                    wait(self)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let rest = RestOfFrame {
            socket: &mut self.socket,
            child: &mut self.child,
            has_ended: &mut self.has_ended,
            begun: Instant::now(),
        };
        frame::read(rest, bytes)
    }

    /// Sets the time for which reading waits at most.
    fn set_read_timeout(&mut self, time: Duration) -> io::Result<()> {
        if self.read_timeout != Some(time) {
            self.socket.get_ref().set_read_timeout(Some(time))?;
            self.read_timeout = Some(time);
        }
        Ok(())
    }

    /// Ends the process at once, and what it has started.
    pub(super) fn kill(&mut self) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let Some(id) = id.filter(|_| !self.has_ended) else {
            return;
        };
        // Unless it is a child of this process still, its number may be that of another one.
        let is_child = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if waitid(WaitId::Pid(id), is_child).is_ok() {
            // They may have ended meanwhile.
            _ = kill_process_group(id, Signal::KILL);
            _ = self.child.kill();
        }
    }

    /// Returns why the process died. If it has not, it ends now, and so does what it has started.
    pub(super) fn cause(mut self) -> DeathCause {
        // A process whose socket has ended has its status already.
        self.kill();
        let status = self.wait();
        match status.map(|status| (status.signal(), status.code())) {
            Some((Some(signal), _)) => DeathCause::Signal(signal),
            Some((None, code)) => DeathCause::Exit(code.unwrap_or(0)),
            None => DeathCause::Unknown,
        }
    }

    /// Closes the socket. A process without one ends.
    pub(super) fn hang_up(&self) {
        // It may be closed already.
        _ = self.socket.get_ref().shutdown(Shutdown::Both);
    }

    /// Waits until the process has ended, and ends it if that takes long. Returns how it ended, if
    /// this process may know that: not if it ignores SIGCHLD.
    fn wait(&mut self) -> Option<ExitStatus> {
        let begun = Instant::now();
        let mut pause = Duration::from_micros(50);
        while begun.elapsed() < PATIENCE {
            let status = self.child.try_wait();
            if !matches!(status, Ok(None)) {
                self.has_ended = true;
                return status.ok().flatten();
            }
            thread::sleep(pause);
            pause = (2 * pause).min(Duration::from_millis(10));
        }
        self.kill();
        self.child.wait().ok()
    }
}

/// The rest of a frame that has begun to arrive.
struct RestOfFrame<'p> {
    socket: &'p mut BufReader<UnixStream>,
    child: &'p mut Child,
    has_ended: &'p mut bool,
    begun: Instant,
}

impl Read for RestOfFrame<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.socket.read(into) {
                Err(error) if is_timeout(&error) && self.begun.elapsed() < MESSAGE_PATIENCE => {
                    look(self.child, self.has_ended)?;
                }
                Err(error) if is_timeout(&error) => return Err(ErrorKind::UnexpectedEof.into()),
                read => return read,
            }
        }
    }
}

/// Looks whether a silent process `has_ended`, since its socket does not end if something that it
/// has started holds that open.
///
/// # Errors
///
/// Returns one at the second look. By then, what it had sent has been read.
fn look(child: &mut Child, has_ended: &mut bool) -> io::Result<()> {
    if *has_ended {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    *has_ended = !matches!(child.try_wait(), Ok(None));
    Ok(())
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.hang_up();
        self.wait();
    }
}

/// Returns the path of this program. If its file has been replaced, it is still the old one.
fn program() -> io::Result<std::path::PathBuf> {
    let this = Path::new("/proc/self/exe");
    if this.exists() {
        Ok(this.to_owned())
    } else {
        env::current_exe()
    }
}
