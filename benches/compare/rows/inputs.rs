//! Items from several kinds of input.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use parallelize::parallel;

use crate::Bench;
use crate::contenders::Contender;
use crate::race::{Pace, race};
use crate::table::Tables;
use crate::work::{Item, chain};

pub(crate) fn run(bench: &mut Bench) {
    Tables::part("Inputs: where the items come from");
    slice(bench);
    vec(bench);
    range(bench);
    large(bench);
    lines(bench);
    generator(bench);
}

/// Measures and adds the row of one kind of input.
fn row<In>(
    bench: &mut Bench,
    name: &str,
    len: usize,
    input: impl Fn() -> In,
    run: impl Fn(Contender, In) -> Vec<u64>,
) {
    let pace = Pace::Steady;
    let times = race(pace, bench.effort(pace), len, input, run);
    bench.tables.add("inputs", name.to_owned(), &times);
}

const LEN: u32 = 100_000;

fn slice(bench: &mut Bench) {
    let items = bench.calibration.items(LEN, |_| 50.0);
    let name = "a slice, 100,000 x 50 ns".to_owned();
    let ours = super::companion!();
    bench.slice_row("inputs", name, Pace::Steady, &items, ours);
}

fn vec(bench: &mut Bench) {
    #[parallel]
    fn work(item: Item) -> u64 {
        item.work()
    }

    let items = bench.calibration.items(LEN, |_| 50.0);
    let input = || items.clone();
    let name = "an owned `Vec`, 100,000 x 50 ns";
    row(bench, name, items.len(), input, |contender, items| {
        contender.vec(items, work, work_parallel)
    });
}

fn range(bench: &mut Bench) {
    #[parallel]
    fn work(seed: usize, steps: u32) -> u64 {
        chain(seed as u64, steps)
    }

    let steps = bench.calibration.steps(50.0);
    let len = LEN as usize;
    let name = "a range, 100,000 x 50 ns";
    row(
        bench,
        name,
        LEN as usize,
        || 0..len,
        |contender, seeds| {
            contender.range(
                seeds,
                |seed| work(seed, steps),
                |seeds| work_parallel(seeds, steps),
            )
        },
    );
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

    let blocks: Vec<Block> = (0..10_000).map(|seed| [seed; 128]).collect();
    let input = || blocks.clone();
    let name = "owned items of 1 KiB, 10,000, each word read";
    row(bench, name, blocks.len(), input, |contender, blocks| {
        contender.vec(blocks, work, work_parallel)
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

    let file = TextFile::new();
    let steps = bench.calibration.steps(250.0);
    let name = "`lines()` of a file, 20,000 x 1 us";
    row(
        bench,
        name,
        20_000,
        || file.lines(),
        |contender, lines| {
            let work = |line| work(line, steps);
            contender.iterator(lines, work, |lines| work_parallel(lines, steps))
        },
    );
}

/// A file of 20,000 lines with four numbers each. It is removed when this is dropped.
struct TextFile(PathBuf);

impl TextFile {
    fn new() -> Self {
        let line = |i: u32| format!("{i} {} {} {}\n", i * 7, i * 31, i * 1009);
        let text: String = (0..20_000).map(line).collect();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare.txt");
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

    let [slow, slower] = [1_000.0, 4_000.0].map(|nanos| bench.calibration.steps(nanos));
    let items = || (0..2_000).map(move |seed| chain(seed, slow));
    let name = "an iterator that takes 1 us an item, 2,000 x 4 us";
    row(bench, name, 2_000, items, |contender, seeds| {
        let work = |seed| work(seed, slower);
        contender.iterator(seeds, work, |seeds| work_parallel(seeds, slower))
    });
}
