// features: cluster

#[parallel(cluster)]
fn wait(_: u64) { .. }

// expands to

/// Calls [`wait`](fn@wait) in parallel for each item of `unused`.
///
/// In a cluster, the calls run on all ranks.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn wait_parallel<I>(unused: I)
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
{
    wait_job(unused).collect::<_>();
}
/// Like [`wait_parallel`](fn@wait_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn wait_job<I>(
    unused: I,
) -> ::parallelize::Job<
    impl ::parallelize::Items<u64>,
    impl ::parallelize::Work<u64, Output = ()> + ::parallelize::Isolatable,
>
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        _,
    >(
            {
                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                &PROFILE
            },
            unused,
            (),
            |_| (),
            |_, (), __unused| wait(__unused),
        )
        .distributed(
            ::core::concat!(::core::module_path!(), "::", "wait"),
            |_constants, _into| { ::core::result::Result::Ok(()) },
            |__unused, _into| {
                <u64 as ::parallelize::__private::cluster::Travels>::put(
                    __unused,
                    "argument `unused`",
                    _into,
                )?;
                ::core::result::Result::Ok(())
            },
            |_from| <() as ::parallelize::__private::cluster::Travels>::take(
                "the result",
                _from,
            ),
        )
}
const _: () = {
    #[::parallelize::__private::cluster::linkme::distributed_slice(
        ::parallelize::__private::cluster::FUNCTIONS
    )]
    #[linkme(crate = ::parallelize::__private::cluster::linkme)]
    static __ENTRY: ::parallelize::__private::cluster::Entry = ::parallelize::__private::cluster::Entry {
        name: ::core::concat!(::core::module_path!(), "::", "wait"),
        begin: |_from| {
            let _constants = ();
            ::parallelize::__private::cluster::Function {
                constants: _constants,
                take: |_from| {
                    let __unused = <u64 as ::parallelize::__private::cluster::Travels>::take(
                        "argument `unused`",
                        _from,
                    )?;
                    ::core::result::Result::Ok(__unused)
                },
                local: |_| (),
                apply: |_, (), __unused| wait(__unused),
                fails: |_result: &()| {
                    use ::parallelize::__private::cluster::NeverFails as _;
                    ::parallelize::__private::cluster::Verdict(_result).is_failure()
                },
                put: |_result, _into| <() as ::parallelize::__private::cluster::Travels>::put(
                    _result,
                    "the result",
                    _into,
                ),
            }
                .begun()
        },
    };
};
