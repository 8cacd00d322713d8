//! Shares drawn with block characters.

/// The length of a bar for a share of 1, in characters.
const BAR: u8 = 30;

const WIDTHS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Returns a bar whose length shows a share, with spaces up to the length of a full one.
pub(super) fn bar(share: f64) -> String {
    let eighths = eighths(share, BAR);
    let full = "█".repeat(eighths / 8);
    let bar = match eighths % 8 {
        0 => full,
        rest => format!("{full}{}", WIDTHS[rest]),
    };
    format!("{bar:width$}", width = usize::from(BAR))
}

/// Returns a character whose height shows a share.
pub(super) fn spark(share: f64) -> char {
    HEIGHTS[eighths(share, 1)]
}

/// Returns a `share` of `length` characters, rounded to eighths of a character.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is from 0 to 1"
)]
fn eighths(share: f64, length: u8) -> usize {
    (share * f64::from(length) * 8.0).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_a_share() {
        let bars = [0.0, 0.001, 0.005, 0.5, 0.504, 0.999, 1.0].map(bar);
        assert!(bars.iter().all(|bar| bar.chars().count() == 30));
        let bars = bars.map(|bar| bar.trim_end().to_owned());
        let full = |blocks| "█".repeat(blocks);
        let expected = [
            full(0),
            full(0),
            "▏".into(),
            full(15),
            full(15) + "▏",
            full(30),
            full(30),
        ];
        assert_eq!(bars, expected);
    }
}
