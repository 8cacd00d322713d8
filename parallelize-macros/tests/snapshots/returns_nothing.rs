#[parallel(over(b))]
/// Logs in a fence, which would be one more test:
/// ```
/// log();
/// ```
unsafe extern "C" fn log((a, _): (u8, u8), mut b: u8, _: &str) { .. }

// expands to

/// Calls [`log`](fn@log) in parallel for each item of `b`.
///
/// `unused` is shared by all calls; `a` is cloned for each call. Another argument varies instead of `b` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
unsafe fn log_parallel<I>(a: (u8, u8), b: I, unused: &str)
where
    I: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
{
    unsafe { log_job(a, b, unused) }.collect::<_>();
}
/// Like [`log_parallel`](fn@log_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
unsafe fn log_job<I>(
    a: (u8, u8),
    b: I,
    unused: &str,
) -> ::parallelize::Job<
    impl ::parallelize::Items<u8>,
    impl ::parallelize::Work<u8, Output = ()>,
>
where
    I: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
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
        b,
        move || {
            let _constants = ();
            let _constants = (_constants, <(u8, u8) as ::core::clone::Clone>::clone(&a));
            let _constants = (_constants, unused);
            _constants
        },
        |_| (),
        |_constants, (), __b| {
            let _constants = _constants();
            let (_constants, __unused) = _constants;
            let (_constants, __a) = _constants;
            unsafe { log(__a, __b, __unused) }
        },
    )
}
