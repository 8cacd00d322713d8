//! Calls in processes that may have only a few threads.
#![cfg(target_os = "linux")]

mod support;

use std::process::{self, Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, thread};

use parallelize_runtime::job;
use support::child;

/// Returns a user that has no other processes. The limit counts the threads of a user, and does not
/// hold for root.
fn other_user() -> String {
    static USERS: AtomicU32 = AtomicU32::new(0);
    let number = USERS.fetch_add(1, Ordering::Relaxed);
    (1_000_000 + process::id() % 1_000_000 * 100 + number).to_string()
}

/// Runs `task` in a process that may have `threads` threads. Returns nothing where this test may
/// not limit them, which takes root and two programs of util-linux.
fn run(task: &str, threads: usize) -> Option<Output> {
    let user = other_user();
    let limited = |arguments: &[&str]| {
        let mut command = Command::new("prlimit");
        command.args([&format!("--nproc={threads}"), "setpriv", "--clear-groups"]);
        command.args([&format!("--reuid={user}"), &format!("--regid={user}")]);
        command.arg(env::current_exe().unwrap()).args(arguments);
        command
    };
    let probe = limited(&["--list"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: the number of threads cannot be limited here");
        return None;
    }
    let mut command = limited(&[
        "--exact",
        "child_process",
        "--test-threads=1",
        "--nocapture",
    ]);
    let environment = child::command("child_process", task);
    let environment = environment.get_envs();
    command.envs(environment.filter_map(|(name, value)| Some((name, value?))));
    // Of many threads on any machine.
    command.env("RAYON_NUM_THREADS", "16");
    Some(command.output().unwrap())
}

/// Squares the item. It takes long enough that the call is shared.
fn square(item: u64) -> u64 {
    thread::sleep(Duration::from_millis(1));
    item * item
}

/// Does something only in the processes that the tests below start.
#[test]
fn child_process() {
    let squares: Vec<_> = (0..40).map(|item| item * item).collect();
    match child::task().as_deref() {
        None => (),
        Some("report") => {
            let (results, report) = job(0..40, square).threads(8).report();
            assert_eq!(results, squares);
            println!("{report}");
        }
        Some("pools") => {
            for threads in [0, 2, 3, 8, 0, 12] {
                assert_eq!(job(0..40, square).threads(threads).collect(), squares);
            }
        }
        Some("spawn") => {
            let jobs = [(); 2].map(|()| job(0..40, square).spawn());
            for job in jobs {
                assert_eq!(job.join(), squares);
            }
        }
        #[cfg(feature = "journal")]
        Some("journal") => {
            let path = support::scratch::Scratch::new();
            if let Ok(job) = job(0..40, square).threads(8).journal(&path) {
                assert_eq!(job.collect(), squares);
            }
        }
        Some(task) => panic!("no such task: {task}"),
    }
}

/// Returns the lines on standard error that say that threads are missing.
fn complaints(output: &Output) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines = stderr.lines().filter(|line| line.contains("thread"));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_call_runs_on_the_threads_that_can_be_started() {
    for threads in [1, 2, 3, 5] {
        for task in ["report", "pools", "spawn", "journal"] {
            if cfg!(not(feature = "journal")) && task == "journal" {
                continue;
            }
            let Some(output) = run(task, threads) else {
                return;
            };
            assert!(output.status.success(), "{task} on {threads}: {output:?}");
            let complaints = complaints(&output);
            match task {
                "report" | "pools" => assert_eq!(complaints.len(), 1, "{complaints:?}"),
                _ => assert!(complaints.len() <= 1, "{complaints:?}"),
            }
        }
    }
}

#[test]
fn a_report_says_how_many_threads_could_be_started() {
    let Some(output) = run("report", 1) else {
        return;
    };
    let report = String::from_utf8_lossy(&output.stdout);
    let line = "\n  only 1 of 8 threads could be started\n";
    assert!(report.contains(line), "{report}");
    let complaints = complaints(&output);
    let begin = "parallelize: only 1 of 8 threads could be started: ";
    assert!(complaints[0].starts_with(begin), "{complaints:?}");
}
