//! A process that evaluates items, as the one that started it sees it.

use std::env;
use std::io::{self, BufReader};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::VARIABLE;
use super::frame::{self, Kind};
use crate::outcome::DeathCause;

/// Bounds the time that a process has to end by itself after its socket was closed.
const PATIENCE: Duration = Duration::from_secs(1);

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
}

impl WorkerProcess {
    /// Starts this program again, with the same arguments.
    pub(super) fn start() -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut arguments = env::args_os();
        let name = arguments.next();
        let mut command = Command::new(program()?);
        if let Some(name) = name {
            command.arg0(name);
        }
        // As its standard input, since no other descriptor is inherited.
        let child = command
            .args(arguments)
            .env(VARIABLE, "1")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .spawn()?;
        Ok(Self {
            child,
            socket: BufReader::with_capacity(64 << 10, ours),
            call: 0,
            items: 0,
            is_ready: false,
        })
    }

    /// Returns whether the process has begun to evaluate items at some time.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Waits until the process evaluates items.
    pub(super) fn wait_until_ready(&mut self) -> io::Result<()> {
        if self.is_ready {
            return Ok(());
        }
        match self.receive(&mut Vec::new(), None)? {
            Kind::Ready => self.is_ready = true,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(())
    }

    /// Sends an encoded message, for at most `timeout` where the process does not take it.
    pub(super) fn send(&mut self, message: &[u8], timeout: Option<Duration>) -> io::Result<()> {
        let socket = self.socket.get_ref();
        socket.set_write_timeout(timeout)?;
        frame::write(socket, Kind::Message, message)
    }

    /// Waits for the next frame, which goes into `bytes`, until the `deadline`.
    pub(super) fn receive(
        &mut self,
        bytes: &mut Vec<u8>,
        deadline: Option<Instant>,
    ) -> io::Result<Kind> {
        let time = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        // No time at all would mean no limit.
        let time = time.map(|time| time.max(Duration::from_micros(1)));
        self.socket.get_ref().set_read_timeout(time)?;
        frame::read(&mut self.socket, bytes)
    }

    /// Ends the process at once.
    pub(super) fn kill(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
    }

    /// Returns why the process died, after its socket was closed.
    pub(super) fn cause(mut self) -> DeathCause {
        let status = self.wait();
        match (status.signal(), status.code()) {
            (Some(signal), _) => DeathCause::Signal(signal),
            (None, code) => DeathCause::Exit(code.unwrap_or(0)),
        }
    }

    /// Closes the socket. A process without one ends.
    pub(super) fn hang_up(&self) {
        // It may be closed already.
        _ = self.socket.get_ref().shutdown(Shutdown::Both);
    }

    /// Waits until the process has ended, and ends it if that takes long.
    fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        let mut pause = Duration::from_micros(50);
        while begun.elapsed() < PATIENCE {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status;
            }
            thread::sleep(pause);
            pause = (2 * pause).min(Duration::from_millis(10));
        }
        self.kill();
        self.child.wait().unwrap_or_default()
    }
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
