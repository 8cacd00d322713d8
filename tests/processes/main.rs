//! Items that other processes evaluate. Each of these is this program again, so this is no test of
//! the usual kind: `main` joins first, and then runs what it finds in `TESTS`.

mod calls;
mod combinations;
mod endings;
mod kills;
mod moments;
mod programs;

use std::env;

/// A name, and what it stands for.
type Named = (&'static str, fn());

const TESTS: [&[Named]; 6] = [
    calls::TESTS,
    combinations::TESTS,
    endings::TESTS,
    kills::TESTS,
    moments::TESTS,
    programs::TESTS,
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [program] = &*arguments {
        if let Some((_, run)) = programs::PROGRAMS.iter().find(|(name, _)| name == program) {
            return run();
        }
    }
    let _processes = parallelize::processes::join();
    // What cargo passes to tests of the usual kind: a part of a name.
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    for (name, test) in TESTS.into_iter().flatten() {
        if filter.is_none_or(|filter| name.contains(&**filter)) {
            println!("test {name}");
            test();
        }
    }
}
