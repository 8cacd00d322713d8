#[parallel]
fn first_word(text: &str) -> &str { .. }

// expands to

/// Calls [`first_word`](fn@first_word) for each item of `text`, on all cores, with the results in their order.
///
/// # Panics
///
/// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
#[track_caller]
fn first_word_parallel<'item, I>(text: I) -> ::parallelize::__private::Vec<&'item str>
where
    I: ::core::iter::IntoIterator<Item = &'item str, IntoIter: ::core::marker::Send>,
{
    ::parallelize::__private::companion::<
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
            || (),
            |(), __text| first_word(__text),
        )
        .collect::<&'item str>()
}
/// What [`first_word_parallel`](fn@first_word_parallel) does, as a job that can be told more before it runs.
#[track_caller]
fn first_word_job<'item, I>(
    text: I,
) -> ::parallelize::__private::Job<
    impl ::core::iter::Iterator<
        Item = <I as ::core::iter::IntoIterator>::Item,
    > + ::core::marker::Send,
    impl ::parallelize::__private::Work<
        <I as ::core::iter::IntoIterator>::Item,
        Output = &'item str,
    >,
>
where
    I: ::core::iter::IntoIterator<Item = &'item str, IntoIter: ::core::marker::Send>,
{
    ::parallelize::__private::companion::<
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
        || (),
        move |(), __text| first_word(__text),
    )
}
