#[parallel(each(rng = |index| Rng::new(*seed, index, names.len()), weight = |i: usize| i as f64), local(buffer = Vec::new()))]
fn simulate(x: f64, seed: &u64, rng: &mut Rng, names: Vec<String>, weight: f64, buffer: &mut Vec<f64>) -> f64 {
    x
}

// expands to

/// Calls [`simulate`](fn@simulate) in parallel for each item of `x` and returns the results in input order.
///
/// `seed` is shared by all calls; `names` is cloned for each call. Another argument varies instead of `x` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn simulate_parallel<I>(
    x: I,
    seed: &u64,
    names: Vec<String>,
) -> ::parallelize::__private::Vec<f64>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
{
    simulate_job(x, seed, names).collect::<f64>()
}
/// Like [`simulate_parallel`](fn@simulate_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn simulate_job<I>(
    x: I,
    seed: &u64,
    names: Vec<String>,
) -> ::parallelize::Job<
    impl ::parallelize::Items<(::core::primitive::usize, f64)>,
    impl ::parallelize::Work<(::core::primitive::usize, f64), Output = f64>,
>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
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
        ::core::iter::Iterator::enumerate(::core::iter::IntoIterator::into_iter(x)),
        move || {
            let _constants = ();
            let _constants = (_constants, seed);
            let _constants = (
                _constants,
                <Vec<String> as ::core::clone::Clone>::clone(&names),
            );
            _constants
        },
        |_constants| {
            let __locals = ();
            let __locals = (__locals, Vec::new());
            __locals
        },
        move |_constants, __locals, (_position, __x)| {
            let _constants = _constants();
            let (_constants, __names) = _constants;
            let (_constants, __seed) = _constants;
            let (__locals, __buffer) = __locals;
            let mut __rng = {
                let names = <Vec<String> as ::core::clone::Clone>::clone(&__names);
                let _ = &names;
                ::parallelize::__private::each(
                    |index| Rng::new(*seed, index, names.len()),
                    _position,
                )
            };
            let __weight = {
                ::parallelize::__private::each(|i: usize| i as f64, _position)
            };
            simulate(__x, __seed, &mut __rng, __names, __weight, __buffer)
        },
    )
}
