#[parallel(fail_fast, skip_none)]
fn read(line: &str) -> io::Result<Option<u64>> { .. }

// expands to

/// Calls [`read`](fn@read) in parallel for each item of `line` and returns the results that are not `None`, in input order.
///
/// An item of `line` may also be a reference to what owns such a value.
///
/// # Errors
///
/// Returns the error of the lowest item for which the function returns one.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn read_parallel<'item, I>(
    line: I,
) -> ::core::result::Result<
    ::parallelize::__private::Vec<
        <<io::Result<
            Option<u64>,
        > as ::parallelize::__private::Fallible>::Ok as ::parallelize::__private::Optional>::Some,
    >,
    <io::Result<Option<u64>> as ::parallelize::__private::Fallible>::Err,
>
where
    I: ::core::iter::IntoIterator<
        Item: ::parallelize::__private::Item<&'item str>,
        IntoIter: ::core::marker::Send,
    >,
{
    { ::parallelize::__private::fail_fast({ read_job(line) }) }
        .map(::parallelize::__private::somes)
}
/// Like [`read_parallel`](fn@read_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn read_job<'item, I>(
    line: I,
) -> ::parallelize::Job<
    impl ::parallelize::Items<I::Item>,
    impl ::parallelize::Work<I::Item, Output = io::Result<Option<u64>>>,
>
where
    I: ::core::iter::IntoIterator<
        Item: ::parallelize::__private::Item<&'item str>,
        IntoIter: ::core::marker::Send,
    >,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        io::Result<Option<u64>>,
    >(
            {
                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                &PROFILE
            },
            line,
            (),
            |_| (),
            |_, (), __line| read(
                ::parallelize::__private::Item::<&'item str>::item(__line),
            ),
        )
        .within(::parallelize::__private::Pointee::<str>::new().__slices())
}
