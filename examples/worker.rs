//! A worker that holds the constants, with items from two lists: the distance between the insulin
//! of some animals and human insulin.
//!
//! In Python this is a class with `__call__`, and `pool.map(worker, zip(A_CHAINS, B_CHAINS))`.

use parallelize::parallel;

/// The two chains of human insulin, one letter per amino acid.
const HUMAN: (&str, &str) = ("GIVEQCCTSICSLYQLENYCN", "FVNQHLCGSHLVEALYLVCGERGFFYTPKT");

/// Animals and their chains, most from Harris, Sanger and Naughton, "Species differences in
/// insulin" (1956).
const ANIMALS: [&str; 6] = ["pig", "rabbit", "horse", "cow", "sheep", "chicken"];
const A_CHAINS: [&str; 6] = [
    "GIVEQCCTSICSLYQLENYCN",
    "GIVEQCCTSICSLYQLENYCN",
    "GIVEQCCTGICSLYQLENYCN",
    "GIVEQCCASVCSLYQLENYCN",
    "GIVEQCCAGVCSLYQLENYCN",
    "GIVEQCCHNTCSLYQLENYCN",
];
const B_CHAINS: [&str; 6] = [
    "FVNQHLCGSHLVEALYLVCGERGFFYTPKA",
    "FVNQHLCGSHLVEALYLVCGERGFFYTPKS",
    "FVNQHLCGSHLVEALYLVCGERGFFYTPKA",
    "FVNQHLCGSHLVEALYLVCGERGFFYTPKA",
    "FVNQHLCGSHLVEALYLVCGERGFFYTPKA",
    "AANQHLCGSHLVEALYLVCGERGFFYSPKA",
];

/// The worker.
struct Aligner {
    target: (&'static str, &'static str),
    exchange: usize,
    gap: usize,
}

impl Aligner {
    #[parallel]
    fn distance(&self, (a, b): (&str, &str)) -> usize {
        self.edits(a, self.target.0) + self.edits(b, self.target.1)
    }

    /// Returns the least cost of turning one chain into the other, after Needleman and Wunsch
    /// (1970), row by row.
    fn edits(&self, from: &str, to: &str) -> usize {
        let mut row: Vec<usize> = (0..=to.len()).map(|n| n * self.gap).collect();
        for x in from.bytes() {
            let mut diagonal = row[0];
            row[0] += self.gap;
            for (i, y) in to.bytes().enumerate() {
                let exchanged = diagonal + if x == y { 0 } else { self.exchange };
                diagonal = row[i + 1];
                row[i + 1] = exchanged.min(row[i] + self.gap).min(diagonal + self.gap);
            }
        }
        row[to.len()]
    }
}

fn main() {
    let aligner = Aligner {
        target: HUMAN,
        exchange: 1,
        gap: 2,
    };
    let distances = aligner.distance_parallel(A_CHAINS.into_iter().zip(B_CHAINS));
    assert_eq!(distances, [1, 1, 2, 3, 4, 7]);
    for (animal, distance) in ANIMALS.iter().zip(distances) {
        println!("{animal:>8}  {distance}");
    }
}
