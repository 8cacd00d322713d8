//! The program that `scripts/test-mpi` starts on several ranks. The arguments name one check.

mod calls;
mod ends;
mod messages;

use std::env;
use std::process::ExitCode;

fn main() -> Result<ExitCode, String> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["messages"] => messages::all(),
        ["idle", seconds] => messages::idle(seconds),
        ["return", code] => return Ok(ends::by_return(code)),
        ["error"] => ends::by_error()?,
        ["exit", code] => ends::by_exit(code),
        ["exit-in-thread", code] => ends::by_exit_in_thread(code),
        ["exit-while-leaving", code] => ends::by_exit_while_leaving(code),
        ["panic-before", rank] => ends::panic_before(rank),
        ["panic-after"] => ends::panic_after(),
        ["killed", rank] => ends::by_kill(rank),
        ["calls"] => calls::all(),
        ["panic-in-item"] => calls::panic(),
        ["exit-in-item", rank, code] => calls::exit_in_item(rank, code),
        ["exit-while-busy", code] => calls::exit_while_busy(code),
        ["journal", path, rank] => calls::journal(path, rank),
        ["leave-while-busy"] => calls::leave_while_busy(),
        ["killed-while-busy", rank] => calls::killed(rank),
        ["join"] => ends::join(),
        ["join-late", rank] => ends::join_late(rank),
        _ => panic!("there is no such check: {arguments:?}"),
    }
    Ok(ExitCode::SUCCESS)
}
