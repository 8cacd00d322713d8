//! Programs that join too late, or not at all, or are killed. This program runs as each of them,
//! under its name.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use parallelize::parallel;

use crate::Named;

pub(crate) const TESTS: &[Named] = &[
    (
        "without_join_a_call_says_what_to_write",
        without_join_a_call_says_what_to_write,
    ),
    (
        "what_crashes_before_join_is_an_error",
        what_crashes_before_join_is_an_error,
    ),
    (
        "processes_end_with_their_program",
        processes_end_with_their_program,
    ),
];

pub(crate) const PROGRAMS: &[Named] = &[
    ("without join", || {
        drop(wait_job([0]).processes(1).collect());
    }),
    ("crash before join", || {
        if env::var_os("PARALLELIZE_PROCESS").is_some() {
            process::exit(3);
        }
        let _processes = parallelize::processes::join();
        drop(wait_job([0]).processes(1).collect());
    }),
    ("wait", || {
        let _processes = parallelize::processes::join();
        drop(wait_job([60, 60]).processes(2).chunk_size(1).collect());
    }),
    ("timeout alone", || {
        let _processes = parallelize::processes::join();
        drop(wait_job([0]).timeout(Duration::from_secs(1)).collect());
    }),
];

/// Prints its process, and waits.
#[parallel(cluster)]
fn wait(seconds: u64) {
    println!("{}", process::id());
    thread::sleep(Duration::from_secs(seconds));
}

fn program(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.arg(name).stdin(Stdio::null());
    command
}

fn stderr(name: &str) -> String {
    let output = program(name).output().expect("this program runs");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn without_join_a_call_says_what_to_write() {
    assert!(stderr("without join").contains("parallelize::processes::join()"));
    assert!(stderr("timeout alone").contains("`.processes(n)`"));
}

fn what_crashes_before_join_is_an_error() {
    assert!(stderr("crash before join").contains("before they had begun an item"));
}

/// Also if it is killed while items run.
fn processes_end_with_their_program() {
    let mut program = program("wait")
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program runs");
    let lines = BufReader::new(program.stdout.take().expect("a pipe")).lines();
    let ids: Vec<String> = lines.take(2).map(|line| line.expect("a line")).collect();
    program.kill().expect("it runs");
    program.wait().expect("it has ended");
    let begun = Instant::now();
    let is_there = |id: &String| {
        let status = Path::new("/proc").join(id).join("stat");
        // One that its new parent has not collected yet has ended as well.
        std::fs::read_to_string(status).is_ok_and(|status| !status.contains(") Z "))
    };
    while ids.iter().any(is_there) {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{ids:?} are left"
        );
        thread::sleep(Duration::from_millis(5));
    }
}
