//! Rates each line of a text of any size, in order and in constant memory: how many typing errors
//! separate it from a line that contains a word.
//!
//! ```console
//! cargo run --release --example stream_lines -- word [file]
//! ```

use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use parallelize::parallel;

/// Returns the line, preceded by the least number of letters to change, insert or delete until it
/// contains `word`.
///
/// Sellers, "The theory and computation of evolutionary distances: pattern recognition" (1980).
#[parallel(local(row = Vec::new()))]
fn rated(line: io::Result<String>, word: &str, row: &mut Vec<usize>) -> io::Result<String> {
    let line = line?;
    // `row[i]` is the least number of errors in the first `i` letters of the word, if they end at
    // the current letter of the line.
    row.clear();
    row.extend(0..=word.chars().count());
    let mut least = row[row.len() - 1];
    for letter in line.chars() {
        let mut left_above = row[0];
        for (i, expected) in word.chars().enumerate() {
            let above = row[i + 1];
            let changed = left_above + usize::from(letter != expected);
            row[i + 1] = changed.min(above + 1).min(row[i] + 1);
            left_above = above;
        }
        least = least.min(row[row.len() - 1]);
    }
    Ok(format!("{least}\t{line}"))
}

fn run(word: &str, file: Option<&str>) -> io::Result<()> {
    let text: Box<dyn BufRead + Send> = match file {
        Some(file) => Box::new(BufReader::new(File::open(file)?)),
        None => Box::new(BufReader::new(io::stdin())),
    };
    rated_job(text.lines(), word).stream(|lines| {
        let mut out = BufWriter::new(io::stdout().lock());
        for line in lines {
            writeln!(out, "{}", line?)?;
        }
        out.flush()
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let ended = match &arguments[..] {
        [word] => run(word, None),
        [word, file] => run(word, Some(file)),
        _ => {
            eprintln!("usage: stream_lines word [file]");
            return ExitCode::FAILURE;
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has closed the pipe, as in `stream_lines word file | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stream_lines: {error}");
            ExitCode::FAILURE
        }
    }
}
