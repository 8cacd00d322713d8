//! The cluster in one process: followers are threads, and everything travels as bytes.

/// Registers a function of an item and a constant and defines a function that returns its job, as
/// the attribute does.
macro_rules! cluster_function {
    ($vis:vis $name:ident: $item:ty, $constant:ty => $result:ty, $fails:expr, $function:expr) => {
        $vis fn $name<I>(
            items: I,
            constant: $constant,
        ) -> parallelize_runtime::Job<
            I::IntoIter,
            impl parallelize_runtime::Work<$item, Output = $result>,
        >
        where
            I: IntoIterator<Item = $item, IntoIter: Send>,
        {
            use parallelize_runtime::__private::{Profile, companion};
            use parallelize_runtime::cluster::{Entry, FUNCTIONS, Function, Travels};

            const NAME: &str = concat!(module_path!(), "::", stringify!($name));
            static PROFILE: Profile = Profile::new();
            #[linkme::distributed_slice(FUNCTIONS)]
            static ENTRY: Entry = Entry {
                name: NAME,
                begin: |from| {
                    Function {
                        constants: <$constant>::take("argument `constant`", from)?,
                        take: |from| <$item>::take("argument `item`", from),
                        local: |_| (),
                        apply: |constant, (), item| {
                            let function: fn($item, &$constant) -> $result = $function;
                            function(item, constant)
                        },
                        fails: $fails,
                        put: |result, into| result.put("the result", into),
                    }
                    .begun()
                },
            };
            let function: fn($item, &$constant) -> $result = $function;
            companion(
                &PROFILE,
                items,
                constant,
                |_| (),
                move |constant, (), item| function(item, constant),
            )
            .distributed(
                NAME,
                |constant, into| constant.put("argument `constant`", into),
                |item, into| item.put("argument `item`", into),
                |from| <$result>::take("the result", from),
            )
        }
    };
}

mod calls;
mod failures;
#[cfg(feature = "journal")]
mod journal;
mod progress;
#[path = "../ranks/mod.rs"]
mod ranks;
mod reports;
mod results;
mod streams;
#[path = "../support/mod.rs"]
mod support;
mod travel;

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use ranks::Cluster;

/// Calls `test` in clusters with several numbers of ranks and threads.
fn in_every_cluster(test: impl Fn()) {
    for (others, threads) in [(1, 1), (2, 1), (1, 4), (3, 2)] {
        let _cluster = Cluster::of(others, threads);
        test();
    }
}

/// Returns the name of the thread that evaluates an item.
fn here() -> String {
    thread::current().name().unwrap_or("unnamed").to_owned()
}

/// Returns the ranks in the names of threads.
fn ranks_in(places: &[String]) -> HashSet<&str> {
    places
        .iter()
        .map(|place| place.rsplit_once("rank ").map_or("0", |(_, rank)| rank))
        .collect()
}

/// Sleeps for `micros` microseconds, so that other threads and ranks get items.
fn sleep(micros: u64) {
    thread::sleep(Duration::from_micros(micros));
}

// Returns a power of the item, after a pause of up to 200 us.
cluster_function!(pub(crate) power: u64, u64 => u64, |_| false, |item, exponent| {
    sleep(item % 200);
    item.wrapping_pow(u32::try_from(*exponent).unwrap())
});

// Returns where the item is evaluated, after a pause of `micros` microseconds.
cluster_function!(pub(crate) place: u64, u64 => String, |_| false, |_, micros| {
    sleep(*micros);
    here()
});
