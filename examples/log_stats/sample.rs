//! A log to read where none is named.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};

use fastrand::Rng;

/// Writes a log, the same each time, and returns its path.
pub(crate) fn write(path: &str) -> io::Result<String> {
    /// Targets and the largest answer for each, in bytes.
    const TARGETS: [(&str, f64); 7] = [
        ("/", 9e3),
        ("/search?q=owl", 1e4),
        ("/search?q=lynx", 2e4),
        ("/style.css", 2e4),
        ("/photos/owl.jpg", 8e5),
        ("/photos/lynx.jpg", 6e5),
        ("/data/weather.csv", 3e6),
    ];
    fs::create_dir_all("target")?;
    let mut log = BufWriter::new(File::create(path)?);
    let mut rng = Rng::with_seed(1998);
    for i in 0..400_000 {
        let (client, minute, second) = (rng.u8(..), i / 6_000 % 60, i / 100 % 60);
        // The smaller one of two numbers, so that the first targets are asked for more often.
        let (target, largest) = TARGETS[rng.usize(..7).min(rng.usize(..7))];
        let (status, size) = match rng.u8(..) {
            0..250 => (200, largest * rng.f64()),
            _ => (503, 0.0),
        };
        writeln!(
            log,
            "10.0.0.{client} - - [12/Jul/1998:14:{minute:02}:{second:02} +0000] \
             \"GET {target} HTTP/1.1\" {status} {size:.0}"
        )?;
    }
    log.flush()?;
    Ok(path.to_owned())
}
