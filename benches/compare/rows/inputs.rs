//! Items from several kinds of input.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process;

use parallelize::parallel;

use super::{Row, Table};
use crate::Bench;
use crate::child::Child;
use crate::contenders::Contender;
use crate::lap::Pace;
use crate::work::{Item, chain};

pub(crate) const TABLE: Table = Table {
    name: "inputs",
    title: "Inputs: where the items come from",
    rows,
};

fn rows(bench: &mut Bench) {
    slice(bench);
    vec(bench);
    range(bench);
    large(bench);
    lines(bench);
    generator(bench);
}

/// Declares a row.
fn row(bench: &mut Bench, name: &str, len: u32, measure: impl FnOnce(&Child, Contender)) {
    let row = Row::new(name, len as usize, Pace::Steady);
    bench.row(&row, |child| measure(child, child.contender));
}

const LEN: u32 = 100_000;

fn slice(bench: &mut Bench) {
    let ours = super::companion!();
    let name = "a slice, 100,000 x 50 ns";
    super::slice_row(bench, name, Pace::Steady, LEN, |_| 50.0, ours);
}

fn vec(bench: &mut Bench) {
    #[parallel]
    fn work(item: Item) -> u64 {
        item.work()
    }

    let name = "an owned `Vec`, 100,000 x 50 ns";
    row(bench, name, LEN, |child, contender| {
        let items = child.items(LEN, |_| 50.0);
        let run = |items| contender.vec(items, work, |items| work_parallel(items));
        child.measure(|| items.clone(), run);
    });
}

fn range(bench: &mut Bench) {
    #[parallel]
    fn work(seed: usize, steps: u32) -> u64 {
        chain(seed as u64, steps)
    }

    let name = "a range, 100,000 x 50 ns";
    row(bench, name, LEN, |child, contender| {
        let steps = child.steps(50.0);
        let work = |seed| work(seed, steps);
        let run = |seeds| contender.range(seeds, work, |seeds| work_parallel(seeds, steps));
        child.measure(|| 0..LEN as usize, run);
    });
}

/// An item of 1 KiB.
type Block = [u64; 128];

fn large(bench: &mut Bench) {
    #[parallel]
    #[expect(
        clippy::large_types_passed_by_value,
        reason = "the row measures moves of large items"
    )]
    fn work(block: Block) -> u64 {
        let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        block.into_iter().fold(0, mix)
    }

    let name = "owned items of 1 KiB, 10,000, each word read";
    row(bench, name, 10_000, |child, contender| {
        let blocks: Vec<Block> = (0..10_000).map(|seed| [seed; 128]).collect();
        let run = |blocks| contender.vec(blocks, work, |blocks| work_parallel(blocks));
        child.measure(|| blocks.clone(), run);
    });
}

fn lines(bench: &mut Bench) {
    #[parallel]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "`lines()` yields owned strings"
    )]
    fn work(line: String, steps: u32) -> u64 {
        line.split(' ')
            .filter_map(|word| word.parse().ok())
            .fold(0, |sum, seed| sum ^ chain(seed, steps))
    }

    let name = "`lines()` of a file, 20,000 x 1 us";
    row(bench, name, 20_000, |child, contender| {
        let file = TextFile::new();
        let steps = child.steps(250.0);
        let work = |line| work(line, steps);
        child.measure(
            || file.lines(),
            |lines| contender.iterator(lines, work, |lines| work_parallel(lines, steps)),
        );
    });
}

/// A file of 20,000 lines with four numbers each. It is removed when this is dropped.
struct TextFile(PathBuf);

impl TextFile {
    fn new() -> Self {
        let line = |i: u32| format!("{i} {} {} {}\n", i * 7, i * 31, i * 1009);
        let text: String = (0..20_000).map(line).collect();
        let name = format!("compare-{}.txt", process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(path)
    }

    fn lines(&self) -> impl Iterator<Item = String> + Send {
        let file = File::open(&self.0).expect("the file was written");
        let read = |line: Result<_, _>| line.expect("a line can be read");
        BufReader::new(file).lines().map(read)
    }
}

impl Drop for TextFile {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}

fn generator(bench: &mut Bench) {
    #[parallel]
    fn work(seed: u64, steps: u32) -> u64 {
        seed ^ chain(1, steps)
    }

    let name = "an iterator that takes 1 us an item, 2,000 x 4 us";
    row(bench, name, 2_000, |child, contender| {
        let [slow, slower] = [1_000.0, 4_000.0].map(|nanos| child.steps(nanos));
        let work = |seed| work(seed, slower);
        child.measure(
            || (0..2_000).map(move |seed| chain(seed, slow)),
            |seeds| contender.iterator(seeds, work, |seeds| work_parallel(seeds, slower)),
        );
    });
}
