//! Reads the log of a web server, and prints for each path how often it was asked for, how often
//! that failed, and how large the answers were. A line that is no part of such a log is named.
//!
//! The log is in the Common Log Format, with or without more behind it, as Apache and nginx write
//! it. Without a file, the example writes one of 400,000 lines itself:
//!
//! ```console
//! cargo run --release --example log_stats [access.log]
//! ```

mod sample;

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::iter;

use parallelize::parallel;

/// The number of bytes in a block, unless its last line is long.
const BLOCK: u64 = 256 * 1024;

/// The number of paths in the table.
const ROWS: usize = 12;

/// Some whole lines of a log. They are an item, since a single line is too little work to hand it
/// to another thread.
struct Block {
    /// The number of lines before it.
    before: usize,
    lines: Vec<u8>,
}

/// Yields the blocks of a log. One thread at a time reads the next one.
fn blocks(mut log: impl BufRead) -> impl Iterator<Item = io::Result<Block>> {
    let mut before = 0;
    iter::from_fn(move || {
        let mut lines = Vec::new();
        let read = log.by_ref().take(BLOCK).read_to_end(&mut lines);
        if let Err(error) = read.and_then(|_| log.read_until(b'\n', &mut lines)) {
            return Some(Err(error));
        }
        let count: usize = lines.iter().map(|byte| usize::from(*byte == b'\n')).sum();
        before += count;
        (!lines.is_empty()).then_some(Ok(Block {
            before: before - count,
            lines,
        }))
    })
}

/// The answers to the requests for a path.
#[derive(Default)]
struct Answers {
    count: u64,
    failed: u64,
    bytes: u64,
    /// The number of answers for each size, by [`rounded`] size.
    sizes: BTreeMap<u64, u64>,
}

/// Keeps the six leading bits of a size, so that there are few sizes. A rounded size is too small
/// by less than a thirty-second part.
fn rounded(size: u64) -> u64 {
    let shift = size.checked_ilog2().unwrap_or(0).saturating_sub(5);
    size >> shift << shift
}

impl Answers {
    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.failed += other.failed;
        self.bytes += other.bytes;
        for (size, count) in other.sizes {
            *self.sizes.entry(size).or_default() += count;
        }
    }

    /// Returns the [`rounded`] size that this share of the answers does not exceed.
    fn percentile(&self, percent: u64) -> u64 {
        let mut left = (self.count * percent).div_ceil(100);
        for (size, count) in &self.sizes {
            if *count >= left {
                return *size;
            }
            left -= count;
        }
        0
    }
}

type Paths = HashMap<String, Answers>;

/// Returns the answers in a block, or what is wrong with its first bad line.
#[parallel]
fn answers(block: io::Result<Block>) -> Result<Paths, String> {
    let Block { before, lines } = block.map_err(|error| error.to_string())?;
    let mut paths = Paths::new();
    for (number, line) in (before + 1..).zip(String::from_utf8_lossy(&lines).lines()) {
        let (path, status, size) = request(line).map_err(|fault| format!("{number}: {fault}"))?;
        // Not `entry`, which takes a new string for each line.
        if !paths.contains_key(path) {
            paths.insert(path.to_owned(), Answers::default());
        }
        let answers = paths.get_mut(path).expect("inserted above");
        answers.count += 1;
        answers.failed += u64::from(status >= 400);
        answers.bytes += size;
        *answers.sizes.entry(rounded(size)).or_default() += 1;
    }
    Ok(paths)
}

/// Returns the path, the status and the size in a line such as
/// `127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a.gif?b=c HTTP/1.0" 200 2326`.
fn request(line: &str) -> Result<(&str, u16, u64), &'static str> {
    let mut parts = line.split('"').skip(1);
    let (Some(request), Some(answer)) = (parts.next(), parts.next()) else {
        return Err("no request in quotation marks");
    };
    // A client may send anything as its request.
    let target = request.split(' ').nth(1).unwrap_or("-");
    let path = target.split('?').next().unwrap_or_default();

    let mut answer = answer.split_whitespace();
    let status = answer.next().and_then(|status| status.parse().ok());
    let size = match answer.next() {
        Some("-") => Some(0),
        size => size.and_then(|size| size.parse().ok()),
    };
    Ok((path, status.ok_or("no status")?, size.ok_or("no size")?))
}

/// Returns the answers of two parts of a log together.
fn merge(mut left: Paths, right: Paths) -> Paths {
    for (path, answers) in right {
        left.entry(path).or_default().merge(answers);
    }
    left
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = match env::args().nth(1) {
        Some(path) => path,
        None => sample::write("target/access.log")?,
    };
    let log = File::open(&path).map_err(|error| format!("{path}: {error}"))?;

    let paths = answers_job(blocks(BufReader::new(log)))
        .try_reduce(merge)
        .map_err(|bad| format!("{path}:{}", bad.error))?
        .unwrap_or_default();

    let mut rows: Vec<_> = paths.into_iter().collect();
    rows.sort_by(|a, b| (b.1.count, &a.0).cmp(&(a.1.count, &b.0)));
    println!("                    bytes:");
    println!("requests    failed      mean    median      95 %      99 %  path");
    for (path, answers) in rows.iter().take(ROWS) {
        let (count, failed, mean) = (answers.count, answers.failed, answers.bytes / answers.count);
        let [half, most, almost_all] = [50, 95, 99].map(|percent| answers.percentile(percent));
        println!("{count:>8}{failed:>10}{mean:>10}{half:>10}{most:>10}{almost_all:>10}  {path}");
    }
    let count: u64 = rows.iter().map(|(_, answers)| answers.count).sum();
    println!("{count} requests for {} paths in {path}", rows.len());
    Ok(())
}
