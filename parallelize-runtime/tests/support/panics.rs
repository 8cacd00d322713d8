//! Panics on purpose: their messages, and keeping them out of the output.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// Returns the message in the payload of a panic, if it has one.
pub(crate) fn text(payload: &(dyn Any + Send)) -> Option<&str> {
    payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(payload.downcast_ref::<&str>().copied())
}

/// Returns whether the message in `payload` contains `word`.
pub(crate) fn says(payload: &(dyn Any + Send), word: &str) -> bool {
    text(payload).is_some_and(|message| message.contains(word))
}

/// Prints nothing for panics whose payload is expected. Only the first call has an effect.
pub(crate) fn silence(is_expected: fn(&(dyn Any + Send)) -> bool) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !is_expected(info.payload()) {
                print(info);
            }
        }));
    });
}

/// Returns what `work` returns, or the message of its panic.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    panic::catch_unwind(AssertUnwindSafe(work))
        .map_err(|payload| text(&*payload).expect("a panic with a message").to_owned())
}

/// Returns the message of the panic that ends `work`.
pub(crate) fn message<R>(work: impl FnOnce() -> R) -> String {
    catch(work).map(drop).expect_err("a panic")
}
