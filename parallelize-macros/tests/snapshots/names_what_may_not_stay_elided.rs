#[parallel]
fn pair<T: Display>(parts: (&str, &[T]), holder: &Holder<'_, T>) -> String { .. }

// expands to

/// Calls [`pair`](fn@pair) in parallel for each item of `parts` and returns the results in input order.
///
/// `holder` is shared by all calls. Another argument varies instead of `parts` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn pair_parallel<'item, 'item_, T: Display + 'item_ + ::core::marker::Sync, I>(
    parts: I,
    holder: &Holder<'_, T>,
) -> ::parallelize::__private::Vec<String>
where
    I: ::core::iter::IntoIterator<
        Item = (&'item str, &'item_ [T]),
        IntoIter: ::core::marker::Send,
    >,
    for<'any> Holder<'any, T>: ::core::marker::Sync,
{
    pair_job::<T, I>(parts, holder).collect::<String>()
}
/// Like [`pair_parallel`](fn@pair_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn pair_job<'item, 'item_, T: Display + 'item_ + ::core::marker::Sync, I>(
    parts: I,
    holder: &Holder<'_, T>,
) -> ::parallelize::Job<
    impl ::parallelize::Items<(&'item str, &'item_ [T])>,
    impl ::parallelize::Work<(&'item str, &'item_ [T]), Output = String>,
>
where
    I: ::core::iter::IntoIterator<
        Item = (&'item str, &'item_ [T]),
        IntoIter: ::core::marker::Send,
    >,
    for<'any> Holder<'any, T>: ::core::marker::Sync,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        String,
    >(
        {
            static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
            &PROFILE
        },
        parts,
        move || {
            let _constants = ();
            let _constants = (_constants, holder);
            _constants
        },
        |_| (),
        |_constants, (), __parts| {
            let _constants = _constants();
            let (_constants, __holder) = _constants;
            pair::<T>(__parts, __holder)
        },
    )
}
