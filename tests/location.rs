//! Where the panic of a call is reported: at the line of the call, as for a plain function.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;

use parallelize::parallel;

#[parallel]
fn half(x: u32) -> u32 {
    assert!(x != 40, "forty");
    x / 2
}

#[parallel(fail_fast, name = checked)]
fn check(x: u32) -> Result<u32, String> {
    if x < 200 {
        Ok(half(x))
    } else {
        Err("too much".to_owned())
    }
}

/// The lines of the panics whose message names an item.
static LINES: Mutex<Vec<(String, u32)>> = Mutex::new(Vec::new());

fn assert_is_reported_at(line: u32, call: impl FnOnce()) {
    panic::catch_unwind(AssertUnwindSafe(call)).expect_err("item 40 panics");
    let reported = std::mem::take(&mut *LINES.lock().unwrap());
    assert_eq!(reported, [(file!().to_owned(), line)]);
}

// One test, since the hook is that of the process.
#[test]
fn the_panic_of_an_item_is_reported_where_the_call_stands() {
    panic::set_hook(Box::new(|info| {
        let text = info.payload().downcast_ref::<String>();
        let location = info.location().expect("a panic has a place");
        if text.is_some_and(|text| text.starts_with("item 40: ")) {
            let place = (location.file().to_owned(), location.line());
            LINES.lock().unwrap().push(place);
        }
    }));
    assert_is_reported_at(line!(), || drop(half_parallel(0..100)));
    assert_is_reported_at(line!(), || drop(checked(0..100)));
    assert_is_reported_at(line!(), || drop(half_job(0..100).threads(2).collect()));
    assert_is_reported_at(line!(), || drop(check_job(0..100).try_collect()));
    assert_is_reported_at(line!(), || _ = half_job(0..100).sum::<u32>());
    assert_is_reported_at(line!(), || drop(parallelize::map(0..100, half)));
    drop(panic::take_hook());
}
