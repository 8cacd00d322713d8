//! Every way in which an item ends its process.

use std::panic::{self, AssertUnwindSafe};
use std::process::{self, Command};
use std::time::Duration;
use std::{hint, thread};

use parallelize::{DeathCause, ItemDeath, Outcome, parallel};

use crate::Named;

pub(crate) const TESTS: &[Named] = &[
    (
        "an_item_that_ends_costs_itself_only",
        an_item_that_ends_costs_itself_only,
    ),
    (
        "a_death_ends_what_a_panic_ends",
        a_death_ends_what_a_panic_ends,
    ),
];

/// The items that do not return.
const ABORT: u64 = 3;
const EXIT: u64 = 5;
const HANG: u64 = 17;
const OVERFLOW: u64 = 19;
const SEGFAULT: u64 = 20;
const KILL: u64 = 38;
const PANIC: u64 = 39;

#[parallel(cluster)]
fn odd(x: u64, base: u64) -> u64 {
    match x {
        ABORT => process::abort(),
        EXIT => process::exit(9),
        HANG => loop {
            hint::spin_loop();
        },
        OVERFLOW => overflow(x),
        SEGFAULT => signal("SEGV"),
        KILL => signal("KILL"),
        PANIC => panic!("no {x}"),
        _ => x + base,
    }
}

#[expect(unconditional_recursion, reason = "on purpose")]
fn overflow(x: u64) -> u64 {
    let filled = hint::black_box([x; 1_000]);
    overflow(x + 1) + filled[3]
}

/// Sends a signal to this process until that ends it: the first SIGSEGV meets the handler of the
/// standard library, which would find out whether a stack has overflowed.
fn signal(name: &str) -> u64 {
    let id = process::id().to_string();
    loop {
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        thread::sleep(Duration::from_millis(1));
    }
}

fn an_item_that_ends_costs_itself_only() {
    // Much longer than the others take on a machine that is busy.
    let timeout = Duration::from_secs(2);
    for (processes, chunk) in [(1, 0), (2, 1), (3, 40)] {
        let job = odd_job(0..60, 100).processes(processes).chunk_size(chunk);
        let outcomes = job.timeout(timeout).outcomes();
        assert_eq!(outcomes.len(), 60);
        for (index, outcome) in outcomes.into_iter().enumerate() {
            let x = index as u64;
            let cause = match x {
                ABORT | OVERFLOW => DeathCause::Signal(6),
                EXIT => DeathCause::Exit(9),
                HANG => DeathCause::TimedOut(timeout),
                SEGFAULT => DeathCause::Signal(11),
                KILL => DeathCause::Signal(9),
                PANIC => {
                    let Outcome::Panicked(panic) = outcome else {
                        panic!("item {x}: {outcome:?}");
                    };
                    assert_eq!(panic.to_string(), format!("item {x}: no {x}"));
                    continue;
                }
                _ => {
                    assert_eq!(outcome.done(), Some(x + 100));
                    continue;
                }
            };
            let Outcome::Died(death) = outcome else {
                panic!("item {x}: {outcome:?}");
            };
            assert_eq!(death, ItemDeath { index, cause });
        }
    }
}

fn a_death_ends_what_a_panic_ends() {
    let message = |run: &dyn Fn()| {
        let payload = panic::catch_unwind(AssertUnwindSafe(run)).expect_err("item 3 dies");
        payload
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_default()
    };
    let aborted = "item 3: killed by signal 6 (SIGABRT)";
    for processes in [1, 2] {
        let job = || odd_job(0..60, 100).processes(processes);
        assert_eq!(message(&|| drop(job().collect())), aborted);
        assert_eq!(message(&|| _ = job().sum::<u64>()), aborted);
        assert_eq!(
            message(&|| _ = job().stream(|results| results.count())),
            aborted
        );
        // The consumer leaves before.
        assert_eq!(job().stream(|results| results.take(2).sum::<u64>()), 201);
    }
}
