//! Paths that are not those of regular files.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::{env, io};

use parallelize_runtime::{JournalErrorKind, job};

use crate::row;
use crate::support::scratch::Scratch;

/// Checks that a job refuses `path` at once.
#[track_caller]
fn refuses(path: impl AsRef<Path>, reason: &str) -> io::Error {
    let path: PathBuf = path.as_ref().to_owned();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(job(0..10, row).journal(path).err()));
    let error = receiver.recv_timeout(Duration::from_secs(60));
    let error = error.expect("it ends").expect("it is refused");
    assert!(error.to_string().contains(reason), "{error}");
    match error.kind {
        JournalErrorKind::Io(error) => error,
        other => panic!("{other}"),
    }
}

fn pipe() -> Scratch {
    let path = Scratch::new();
    let made = Command::new("mkfifo").arg(&path.0).status().unwrap();
    assert!(made.success());
    path
}

#[test]
fn a_pipe_is_refused() {
    let error = refuses(pipe(), "a pipe");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let (pipe, link) = (pipe(), Scratch::new());
    symlink(&pipe.0, &link.0).unwrap();
    refuses(&link, "a pipe");
}

#[test]
fn a_pipe_with_a_writer_is_refused() {
    let pipe = pipe();
    let writer = fs::OpenOptions::new().read(true).write(true).open(&pipe);
    refuses(&pipe, "a pipe");
    drop(writer.unwrap());
}

#[test]
fn a_socket_is_refused() {
    let path = Scratch::new();
    let _listener = UnixListener::bind(&path.0).unwrap();
    refuses(&path, "a socket");
}

#[test]
fn a_device_is_refused() {
    for path in ["/dev/null", "/dev/zero", "/dev/tty"] {
        refuses(path, "a device");
    }
}

#[test]
fn a_directory_is_refused() {
    let error = refuses(env::temp_dir(), "a directory");
    assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
}
