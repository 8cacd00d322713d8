//! Processes that are killed, or whose disk is full.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use parallelize_runtime::job;

use crate::support::child;
use crate::support::scratch::Scratch;
use crate::{looped, row};

/// How many items the killed processes have to compute.
const ITEMS: u64 = 400;

/// Does something only in the processes that the tests below start.
#[test]
fn child_process() {
    let Some(task) = child::task() else {
        return;
    };
    let path = env::var("JOURNAL").unwrap();
    let threads = env::var("THREADS").unwrap().parse().unwrap();
    match &*task {
        "rows" => {
            let log = OpenOptions::new()
                .append(true)
                .create(true)
                .open(format!("{path}.log"))
                .unwrap();
            let slowly = |seed: u64| {
                thread::sleep(Duration::from_millis(2));
                // A single call writes the whole line or nothing.
                (&log).write_all(format!("{seed}\n").as_bytes()).unwrap();
                row(seed)
            };
            let rows = job(0..ITEMS, slowly)
                .threads(threads)
                .journal(path)
                .unwrap()
                .collect();
            assert_eq!(rows, looped(ITEMS));
        }
        "full" | "full outcomes" | "the rest" => {
            let computed = AtomicUsize::new(0);
            let text = |i: u64| {
                thread::sleep(Duration::from_micros(100));
                computed.fetch_add(1, Ordering::SeqCst);
                vec![i; 50]
            };
            let texts = job(0..2_000, text).threads(threads).journal(path).unwrap();
            if task == "full outcomes" {
                _ = texts.outcomes();
                return;
            }
            assert!(
                texts
                    .collect()
                    .into_iter()
                    .eq((0..2_000).map(|i| vec![i; 50]))
            );
            eprintln!("{}", computed.into_inner());
        }
        _ => panic!("unknown task {task}"),
    }
}

/// Returns a command that does `task` with the journal at `path` in a process of its own.
fn start(task: &str, path: &Scratch, threads: usize) -> Command {
    let mut command = child::command("restarts::child_process", task);
    command
        .arg("--nocapture")
        .env("JOURNAL", &path.0)
        .env("THREADS", threads.to_string())
        .stdout(Stdio::null());
    command
}

#[test]
fn a_killed_process_can_be_continued() {
    for threads in [1, 4] {
        let path = Scratch::new();
        let log = PathBuf::from(format!("{}.log", path.0.display()));
        let computed = || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            text.lines()
                .map(|line| line.parse().unwrap())
                .collect::<Vec<u64>>()
        };
        for part in 1..=3 {
            let mut child = start("rows", &path, threads).spawn().unwrap();
            // Each process is killed at another moment.
            while computed().len() < 90 * part {
                assert_eq!(child.try_wait().unwrap(), None);
                thread::sleep(Duration::from_millis(1));
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(start("rows", &path, threads).status().unwrap().success());
        let mut computed = computed();
        let all = computed.len();
        computed.sort_unstable();
        computed.dedup();
        assert!(computed.into_iter().eq(0..ITEMS));
        // When a process is killed, it loses the items of its last few milliseconds.
        let twice = all - usize::try_from(ITEMS).unwrap();
        assert!(
            twice <= 3 * threads * 40,
            "{twice} were computed twice on {threads} threads"
        );
        fs::remove_file(log).unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_reported_and_what_is_stored_stays() {
    for (task, threads) in [
        ("full", 1),
        ("full", 2),
        ("full outcomes", 1),
        ("full outcomes", 2),
    ] {
        let path = Scratch::new();
        let child = start(task, &path, threads);
        // Files longer than 64 KiB fail with an error: the signal that would kill is ignored.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""])
            .arg(child.get_program())
            .args(child.get_args())
            .envs(
                child
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{task}: {printed}");
        assert!(
            printed.contains(&format!("journal `{}`: File too large", path.0.display())),
            "{printed}"
        );
        // Everything in the file is complete, except for the last record.
        let before = path.bytes().len();
        assert!(before > 20_000, "{before}");
        let output = start("the rest", &path, threads).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}");
        let computed: usize = printed.trim().parse().unwrap();
        assert!((500..1_950).contains(&computed), "{computed}");
    }
}
