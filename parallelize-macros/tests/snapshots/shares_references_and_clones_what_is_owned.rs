#[parallel]
/// Simulates `model` from a [`Seed`], and returns
/// the mean.
///
/// It takes long.
pub fn simulate(seed: u64, steps: usize, names: Vec<String>, model: &Model) -> f64 { .. }

// expands to

/// Calls [`simulate`](fn@simulate) in parallel for each item of `seed` and returns the results in input order.
///
/// > Simulates `model` from a [`Seed`], and returns
/// > the mean.
///
/// `model` is shared by all calls; `steps` is copied for each call; `names` is cloned for each call. Another argument varies instead of `seed` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
pub fn simulate_parallel<I>(
    seed: I,
    steps: usize,
    names: Vec<String>,
    model: &Model,
) -> ::parallelize::__private::Vec<f64>
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
{
    simulate_job(seed, steps, names, model).collect::<f64>()
}
/// Like [`simulate_parallel`](fn@simulate_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
pub fn simulate_job<I>(
    seed: I,
    steps: usize,
    names: Vec<String>,
    model: &Model,
) -> ::parallelize::Job<
    impl ::parallelize::Items<u64>,
    impl ::parallelize::Work<u64, Output = f64>,
>
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
{
    ::parallelize::__private::constant_is_shared_by_threads::<Vec<String>>();
    ::parallelize::__private::constant_is_shared_by_threads::<Model>();
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
            let _constants = (_constants, steps);
            let _constants = (
                _constants,
                <Vec<String> as ::core::clone::Clone>::clone(&names),
            );
            let _constants = (_constants, model);
            _constants
        },
        |_| (),
        |_constants, (), __seed| {
            let _constants = _constants();
            let (_constants, __model) = _constants;
            let (_constants, __names) = _constants;
            let (_constants, __steps) = _constants;
            simulate(__seed, __steps, __names, __model)
        },
    )
}
