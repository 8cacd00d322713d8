//! The first message of a rank: it tells rank 0 which program it runs, and where.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};

use crate::cores::{Binding, Cores};

/// The first message of a rank to rank 0.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    /// Identifies the file of the program. Equal on all ranks that run the same file.
    build: String,
    pub(crate) binding: Binding,
}

impl Hello {
    /// Returns the hello of this process.
    ///
    /// # Errors
    ///
    /// Returns an error if the file of the program cannot be read.
    pub(crate) fn of_this_process(host: &str) -> io::Result<Self> {
        Ok(Self {
            build: build()?,
            binding: Binding::of_this_process(host),
        })
    }

    /// Decodes a message. Returns `None` if another version sent it in another form.
    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(message).ok()?.lines();
        let build = lines.next()?.to_owned();
        let host = lines.next()?.to_owned();
        let cores = Cores::parse(lines.next()?);
        let available = lines.next()?.parse().ok()?;
        let requested = lines.next()?.parse().ok();
        let binding = Binding {
            host,
            cores,
            available,
            requested,
        };
        lines.next().is_none().then_some(Self { build, binding })
    }

    /// Returns the host that a message names. It works for messages of other versions too.
    pub(crate) fn host(message: &[u8]) -> String {
        let text = String::from_utf8_lossy(message);
        text.lines().nth(1).unwrap_or("?").to_owned()
    }

    /// Returns whether `other` comes from a rank that runs the same program.
    pub(crate) fn is_same_build(&self, other: &Self) -> bool {
        self.build == other.build
    }
}

impl fmt::Display for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { build, binding } = self;
        let Binding {
            host,
            cores,
            available,
            requested,
        } = binding;
        let requested = requested
            .map(|threads| threads.to_string())
            .unwrap_or_default();
        write!(f, "{build}\n{host}\n{cores}\n{available}\n{requested}\n")
    }
}

/// Identifies the file that this process runs: by version, length and checksum.
fn build() -> io::Result<String> {
    let mut file = open_program()?;
    let mut sum = crc32fast::Hasher::new();
    let mut length = 0;
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => {
                sum.update(&buffer[..read]);
                length += read;
            }
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    Ok(format!(
        "parallelize-mpi {version} {length} {:08x}",
        sum.finalize()
    ))
}

/// Opens the file that this process runs, even if another file has its name by now.
fn open_program() -> io::Result<File> {
    File::open("/proc/self/exe").or_else(|_| File::open(env::current_exe()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_survives_encoding() {
        let hello = Hello::of_this_process("node7").unwrap();
        let decoded = Hello::parse(hello.to_string().as_bytes()).unwrap();
        assert!(decoded.is_same_build(&hello));
        assert_eq!(decoded.to_string(), hello.to_string());
        assert_eq!(Hello::host(hello.to_string().as_bytes()), "node7");
    }

    #[test]
    fn a_hello_of_another_version_is_not_decoded() {
        assert!(Hello::parse(b"").is_none());
        assert!(Hello::parse(b"parallelize-mpi 9\nnode7\n").is_none());
        assert!(Hello::parse(&[0xff]).is_none());
    }
}
