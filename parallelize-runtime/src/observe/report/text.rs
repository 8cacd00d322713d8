//! Numbers, times and names as readable text.

use std::time::Duration;

use super::chunk::Chunk;
use super::thread_stats::ThreadKey;

/// Returns a number with commas between the thousands.
pub(super) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn items(number: usize) -> String {
    match number {
        0 => "no items".to_owned(),
        1 => "1 item".to_owned(),
        _ => format!("{} items", count(number)),
    }
}

pub(super) fn threads(number: usize) -> String {
    match number {
        1 => "1 thread".to_owned(),
        _ => format!("{} threads", count(number)),
    }
}

pub(super) fn processes(number: usize) -> String {
    match number {
        1 => "1 process".to_owned(),
        _ => format!("{} processes", count(number)),
    }
}

/// Returns the name of a thread. Threads of other ranks show their rank.
pub(super) fn thread_name(key: ThreadKey) -> String {
    match key {
        ThreadKey { rank: 0, number: 0 } => "caller".to_owned(),
        ThreadKey { rank: 0, number } => format!("helper {number}"),
        ThreadKey { rank, number } => format!("rank {rank} #{number}"),
    }
}

/// Returns the positions of the items of a chunk. The message of a panic counts items in the same
/// way.
pub(super) fn positions(chunk: &Chunk) -> String {
    let Chunk { index, items, .. } = *chunk;
    match items {
        1 => format!("item {index}"),
        _ => format!("items {index} to {}", index + items - 1),
    }
}

/// Returns a time with three digits. Long times are given to the second or minute.
pub(super) fn time(time: Duration) -> String {
    let nanos = time.as_secs_f64() * 1e9;
    // Each bound is the least time that would round to the next unit.
    match nanos {
        ..999.5 => format!("{nanos:.0} ns"),
        ..999.5e3 => format!("{} µs", three_digits(nanos / 1e3)),
        ..999.5e6 => format!("{} ms", three_digits(nanos / 1e6)),
        ..119.5e9 => format!("{} s", three_digits(nanos / 1e9)),
        _ => minutes((time + Duration::from_millis(500)).as_secs()),
    }
}

fn minutes(seconds: u64) -> String {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes {
        ..120 => format!("{minutes} min {seconds} s"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

fn three_digits(value: f64) -> String {
    let decimals = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// Returns a share as a percentage.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let numbers = [0, 7, 999, 1_000, 10_000, 123_456, 1_234_567];
        let texts = ["0", "7", "999", "1,000", "10,000", "123,456", "1,234,567"];
        assert_eq!(numbers.map(count), texts);
    }

    #[test]
    fn times_have_three_digits() {
        let nanos = |nanos| time(Duration::from_nanos(nanos));
        let times = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (9_994, "9.99 µs"),
            (9_996, "10.0 µs"),
            (99_960, "100 µs"),
            (999_400, "999 µs"),
            (999_600, "1.00 ms"),
            (12_345_678, "12.3 ms"),
            (999_600_000, "1.00 s"),
            (1_250_000_000, "1.25 s"),
            (119_400_000_000, "119 s"),
            (119_600_000_000, "2 min 0 s"),
            (7_199_400_000_000, "119 min 59 s"),
            (7_199_600_000_000, "2 h 0 min"),
            (360_000_000_000_000, "100 h 0 min"),
        ];
        for (time, text) in times {
            assert_eq!(nanos(time), text);
        }
    }
}
