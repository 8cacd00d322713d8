//! Tests that start their own binary again, as a child process with a task.

use std::env;
use std::process::Command;

const TASK: &str = "PARALLELIZE_TEST_TASK";

/// Returns a command that runs only the test `name` of this binary and gives it `task`.
pub(crate) fn command(name: &str, task: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name]).env(TASK, task);
    command
}

/// Returns the task of this process if a test has started it by [`command`].
pub(crate) fn task() -> Option<String> {
    env::var(TASK).ok()
}
