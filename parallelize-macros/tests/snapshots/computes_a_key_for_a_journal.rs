// features: journal

#[parallel(local(buffer = vec![0.0; steps]))]
fn simulate(
    seed: u64,
    #[cfg(unix)] steps: usize,
    names: Vec<String>,
    buffer: &mut Vec<f64>,
) {
    ..
}

// expands to

/// Calls [`simulate`](fn@simulate) in parallel for each item of `seed`.
///
/// `steps` is copied for each call; `names` is cloned for each call. Another argument varies instead of `seed` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn simulate_parallel<I>(seed: I, #[cfg(unix)] steps: usize, names: Vec<String>)
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
{
    simulate_job(seed, #[cfg(unix)] steps, names).collect::<_>();
}
/// Like [`simulate_parallel`](fn@simulate_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn simulate_job<I>(
    seed: I,
    #[cfg(unix)]
    steps: usize,
    names: Vec<String>,
) -> ::parallelize::Job<
    impl ::parallelize::Items<u64>,
    impl ::parallelize::Work<u64, Output = ()>,
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
        _,
    >(
            {
                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                &PROFILE
            },
            seed,
            move || {
                let _constants = ();
                #[cfg(unix)]
                let _constants = (_constants, steps);
                let _constants = (
                    _constants,
                    <Vec<String> as ::core::clone::Clone>::clone(&names),
                );
                _constants
            },
            move |_constants| {
                let __locals = ();
                let __locals = (__locals, vec![0.0; steps]);
                __locals
            },
            |_constants, __locals, __seed| {
                let _constants = _constants();
                let (_constants, __names) = _constants;
                #[cfg(unix)]
                let (_constants, __steps) = _constants;
                let (__locals, __buffer) = __locals;
                simulate(__seed, #[cfg(unix)] __steps, __names, __buffer)
            },
        )
        .keyed(|_constants| {
            let _constants = _constants();
            let (_constants, __names) = _constants;
            #[cfg(unix)]
            let (_constants, __steps) = _constants;
            let _key = ::parallelize::__private::Key::of(&simulate);
            #[cfg(unix)]
            let _key = _key
                .with(
                    "steps",
                    ::parallelize::__private::Constant::new(&__steps).digest(),
                );
            let _key = _key
                .with(
                    "names",
                    ::parallelize::__private::Constant::new(&__names).digest(),
                );
            _key
        })
}
