// features: cluster, journal

#[parallel(cluster, threads = 4)]
fn simulate(seed: u64, names: Vec<String>) -> f64 { .. }

// expands to

/// Calls [`simulate`](fn@simulate) in parallel for each item of `seed` and returns the results in input order.
///
/// `names` is cloned for each call. Another argument varies instead of `seed` if `over(..)` names it.
///
/// In a cluster, the calls run on all ranks.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn simulate_parallel<I>(
    seed: I,
    names: Vec<String>,
) -> ::parallelize::__private::Vec<f64>
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
{
    simulate_job(seed, names).collect::<f64>()
}
/// Like [`simulate_parallel`](fn@simulate_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn simulate_job<I>(
    seed: I,
    names: Vec<String>,
) -> ::parallelize::Job<
    impl ::parallelize::Items<u64>,
    impl ::parallelize::Work<u64, Output = f64> + ::parallelize::Isolatable,
>
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
{
    ::parallelize::__private::constant_is_shared_by_threads::<Vec<String>>();
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        f64,
    >(
            {
                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                &PROFILE
            },
            seed,
            move || {
                let _constants = ();
                let _constants = (
                    _constants,
                    <Vec<String> as ::core::clone::Clone>::clone(&names),
                );
                _constants
            },
            |_| (),
            |_constants, (), __seed| {
                let _constants = _constants();
                let (_constants, __names) = _constants;
                simulate(__seed, __names)
            },
        )
        .keyed(|_constants| {
            let _constants = _constants();
            let (_constants, __names) = _constants;
            let _key = ::parallelize::__private::Key::of(&simulate);
            let _key = _key
                .with(
                    "names",
                    ::parallelize::__private::Constant::new(&__names).digest(),
                );
            _key
        })
        .distributed(
            ::core::concat!(::core::module_path!(), "::", "simulate"),
            |_constants, _into| {
                let _constants = _constants();
                let (_constants, __names) = _constants;
                <Vec<
                    String,
                > as ::parallelize::__private::cluster::Travels>::put(
                    &__names,
                    "argument `names`",
                    _into,
                )?;
                ::core::result::Result::Ok(())
            },
            |__seed, _into| {
                <u64 as ::parallelize::__private::cluster::Travels>::put(
                    __seed,
                    "argument `seed`",
                    _into,
                )?;
                ::core::result::Result::Ok(())
            },
            |_from| <f64 as ::parallelize::__private::cluster::Travels>::take(
                "the result",
                _from,
            ),
        )
        .threads(4)
}
const _: () = {
    #[::parallelize::__private::cluster::linkme::distributed_slice(
        ::parallelize::__private::cluster::FUNCTIONS
    )]
    #[linkme(crate = ::parallelize::__private::cluster::linkme)]
    static __ENTRY: ::parallelize::__private::cluster::Entry = ::parallelize::__private::cluster::Entry {
        name: ::core::concat!(::core::module_path!(), "::", "simulate"),
        begin: |_from| {
            let _constants = ();
            let _constants = (
                _constants,
                <Vec<
                    String,
                > as ::parallelize::__private::cluster::Travels>::take(
                    "argument `names`",
                    _from,
                )?,
            );
            ::parallelize::__private::cluster::Function {
                constants: _constants,
                take: |_from| {
                    let __seed = <u64 as ::parallelize::__private::cluster::Travels>::take(
                        "argument `seed`",
                        _from,
                    )?;
                    ::core::result::Result::Ok(__seed)
                },
                local: |_| (),
                apply: |_constants, (), __seed| {
                    let (_constants, __names) = _constants;
                    simulate(
                        __seed,
                        <Vec<String> as ::core::clone::Clone>::clone(__names),
                    )
                },
                fails: |_result: &f64| {
                    use ::parallelize::__private::cluster::NeverFails as _;
                    ::parallelize::__private::cluster::Verdict(_result).is_failure()
                },
                put: |_result, _into| <f64 as ::parallelize::__private::cluster::Travels>::put(
                    _result,
                    "the result",
                    _into,
                ),
            }
                .begun()
        },
    };
};
