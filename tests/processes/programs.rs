//! Programs that join too late, or not at all, or are killed. This program runs as each of them,
//! under its name.

use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use parallelize::{Outcome, parallel};

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
    (
        "a_death_shows_while_something_else_holds_the_socket",
        a_death_shows_while_something_else_holds_the_socket,
    ),
    (
        "a_program_that_was_suspended_loses_nothing",
        a_program_that_was_suspended_loses_nothing,
    ),
    (
        "what_an_item_starts_evaluates_no_items",
        what_an_item_starts_evaluates_no_items,
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
    ("child before join", || {
        if env::var_os("PARALLELIZE_PROCESS").is_some() {
            // It has the socket as its standard input.
            let mut sleep = Command::new("sleep");
            let child = sleep.arg("300").stdout(Stdio::null()).spawn();
            println!("{}", child.expect("`sleep` is there").id());
        }
        let _processes = parallelize::processes::join();
        let outcomes = abort_job([0]).processes(1).outcomes();
        assert!(matches!(outcomes[0], Outcome::Died(_)), "{outcomes:?}");
    }),
    ("suspended", || {
        let _processes = parallelize::processes::join();
        let job = nap_job(0..20).processes(2).chunk_size(10);
        let outcomes = job.timeout(Duration::from_secs(2)).outcomes();
        assert!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome, Outcome::Done(())))
        );
    }),
    ("itself", || {
        let _processes = parallelize::processes::join();
        println!("itself");
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

#[parallel(cluster)]
fn nap(_: u64) {
    println!("an item begins");
    thread::sleep(Duration::from_millis(100));
}

#[parallel(cluster)]
fn abort(_: u64) {
    process::abort()
}

/// Runs the program `name`, whose standard input is a socket, and returns what it prints.
#[parallel(cluster)]
fn run(_: u32, name: &str) -> String {
    let (_, theirs) = UnixStream::pair().expect("sockets");
    let mut program = program(name);
    let program = program.stdin(Stdio::from(OwnedFd::from(theirs)));
    let output = program.output().expect("this program runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
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

fn a_death_shows_while_something_else_holds_the_socket() {
    let begun = Instant::now();
    let output = program("child before join").stderr(Stdio::null()).output();
    let output = output.expect("this program runs");
    let sleeping = String::from_utf8_lossy(&output.stdout);
    for id in sleeping.lines() {
        _ = Command::new("kill").arg(id).status();
    }
    assert!(output.status.success());
    assert!(begun.elapsed() < Duration::from_secs(200), "{sleeping}");
}

/// The time of an item goes on while the program is stopped, as by Ctrl-Z. What the processes have
/// sent meanwhile counts.
fn a_program_that_was_suspended_loses_nothing() {
    let mut program = program("suspended")
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program runs");
    let stdout = program.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(stdout).lines();
    lines.next();
    let signal = |name| {
        let id = program.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    };
    signal("STOP");
    thread::sleep(Duration::from_millis(2_500));
    signal("CONT");
    assert!(program.wait().expect("it ends").success());
}

/// Though it finds the variable of the processes that do.
fn what_an_item_starts_evaluates_no_items() {
    assert_eq!(run_job([0], "itself").processes(1).collect(), ["itself\n"]);
}
