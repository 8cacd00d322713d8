//! What a rank tells rank 0 about itself before there is a cluster.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};

use crate::cores::{Binding, Cores};

/// What a rank tells rank 0.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    /// The same for all that run the same file.
    build: String,
    pub(crate) binding: Binding,
}

impl Hello {
    /// What this process would say.
    ///
    /// # Errors
    ///
    /// The program's file cannot be read.
    pub(crate) fn of_this_process(host: &str) -> io::Result<Self> {
        Ok(Self {
            build: build()?,
            binding: Binding::of_this_process(host),
        })
    }

    /// What `said` says, or `None` if it was another version that has said it.
    pub(crate) fn parse(said: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(said).ok()?.lines();
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

    /// The host that `said` names, also where it was another version that has said it.
    pub(crate) fn host(said: &[u8]) -> String {
        let said = String::from_utf8_lossy(said);
        said.lines().nth(1).unwrap_or("?").to_owned()
    }

    /// Whether the other one runs the same program.
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

/// A few bytes that say which file this process runs.
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

/// The file that runs, also where another one has taken its name meanwhile.
fn open_program() -> io::Result<File> {
    File::open("/proc/self/exe").or_else(|_| File::open(env::current_exe()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let hello = Hello::of_this_process("node7").unwrap();
        let heard = Hello::parse(hello.to_string().as_bytes()).unwrap();
        assert!(heard.is_same_build(&hello));
        assert_eq!(heard.to_string(), hello.to_string());
        assert_eq!(Hello::host(hello.to_string().as_bytes()), "node7");
    }

    #[test]
    fn another_version_is_not_understood() {
        assert!(Hello::parse(b"").is_none());
        assert!(Hello::parse(b"parallelize-mpi 9\nnode7\n").is_none());
        assert!(Hello::parse(&[0xff]).is_none());
    }
}
