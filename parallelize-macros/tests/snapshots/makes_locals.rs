#[parallel(local(buffer = vec![0.0; size]))]
fn fill(x: f64, buffer: &mut [f64], size: usize, names: Vec<u8>) -> f64 { .. }

// expands to

/// Calls [`fill`](fn@fill) in parallel for each item of `x` and returns the results in input order.
///
/// `size` is copied for each call; `names` is cloned for each call. Another argument varies instead of `x` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn fill_parallel<I>(
    x: I,
    size: usize,
    names: Vec<u8>,
) -> ::parallelize::__private::Vec<f64>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
{
    fill_job(x, size, names).collect::<f64>()
}
/// Like [`fill_parallel`](fn@fill_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn fill_job<I>(
    x: I,
    size: usize,
    names: Vec<u8>,
) -> ::parallelize::Job<
    impl ::parallelize::Items<f64>,
    impl ::parallelize::Work<f64, Output = f64>,
>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
{
    ::parallelize::__private::constant_is_shared_by_threads::<Vec<u8>>();
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
        x,
        move || {
            let _constants = ();
            let _constants = (_constants, size);
            let _constants = (
                _constants,
                <Vec<u8> as ::core::clone::Clone>::clone(&names),
            );
            _constants
        },
        move |_constants| {
            let __locals = ();
            let __locals = (__locals, vec![0.0; size]);
            __locals
        },
        |_constants, __locals, __x| {
            let _constants = _constants();
            let (_constants, __names) = _constants;
            let (_constants, __size) = _constants;
            let (__locals, __buffer) = __locals;
            fill(__x, __buffer, __size, __names)
        },
    )
}
