#[parallel]
fn first_word(text: &str) -> &str { .. }

// expands to

/// Calls [`first_word`](fn@first_word) in parallel for each item of `text` and returns the results in input order.
///
/// An item of `text` may also be a reference to what owns such a value.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn first_word_parallel<'item, I>(text: I) -> ::parallelize::__private::Vec<&'item str>
where
    I: ::core::iter::IntoIterator<
        Item: ::parallelize::__private::Item<&'item str>,
        IntoIter: ::core::marker::Send,
    >,
{
    first_word_job(text).collect::<&'item str>()
}
/// Like [`first_word_parallel`](fn@first_word_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn first_word_job<'item, I>(
    text: I,
) -> ::parallelize::Job<
    impl ::parallelize::Items<I::Item>,
    impl ::parallelize::Work<I::Item, Output = &'item str>,
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
        &'item str,
    >(
            {
                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                &PROFILE
            },
            text,
            (),
            |_| (),
            |_, (), __text| first_word(
                ::parallelize::__private::Item::<&'item str>::item(__text),
            ),
        )
        .within(::parallelize::__private::Pointee::<str>::new().__slices())
}
