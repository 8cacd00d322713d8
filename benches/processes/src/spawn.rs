//! A map by `procspawn`, which has single calls only.

use std::sync::Mutex;
use std::thread;

use procspawn::Pool;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::WORKERS;

/// Returns the results of a function, in order. Two calls are under way for each process, so that
/// it need not wait for the next. Each call opens sockets, so not all can be under way.
pub(crate) fn map<T, R>(pool: &Pool, items: Vec<T>, function: fn(T) -> R) -> Vec<R>
where
    T: Serialize + DeserializeOwned + Send,
    R: Serialize + DeserializeOwned + Send + 'static,
{
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let calls = Mutex::new(items.into_iter().zip(&mut results));
    let next = || calls.lock().expect("no iterator panics").next();
    thread::scope(|scope| {
        for _ in 0..2 * WORKERS {
            scope.spawn(|| {
                while let Some((item, result)) = next() {
                    *result = Some(pool.spawn(item, function).join().expect("no item panics"));
                }
            });
        }
    });
    let results = results.into_iter();
    results
        .map(|result| result.expect("each item has a result"))
        .collect()
}
