#[parallel(zip(a, b, c))]
fn sum(a: u8, b: &u8, c: u8) -> u8 { .. }

// expands to

/// Calls [`sum`](fn@sum) in parallel for the items of `a`, `b` and `c`, taken side by side, and returns the results in input order.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn sum_parallel<'item, I, J, K>(a: I, b: J, c: K) -> ::parallelize::__private::Vec<u8>
where
    I: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
    J: ::core::iter::IntoIterator<Item = &'item u8, IntoIter: ::core::marker::Send>,
    K: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
{
    sum_job(a, b, c).collect::<u8>()
}
/// Like [`sum_parallel`](fn@sum_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn sum_job<'item, I, J, K>(
    a: I,
    b: J,
    c: K,
) -> ::parallelize::Job<
    impl ::parallelize::Items<((u8, &'item u8), u8)>,
    impl ::parallelize::Work<((u8, &'item u8), u8), Output = u8>,
>
where
    I: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
    J: ::core::iter::IntoIterator<Item = &'item u8, IntoIter: ::core::marker::Send>,
    K: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        u8,
    >(
        {
            static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
            &PROFILE
        },
        ::parallelize::__private::zip(
            (::parallelize::__private::zip((a, "a"), (b, "b")), "a"),
            (c, "c"),
        ),
        (),
        |_| (),
        |_, (), ((__a, __b), __c)| sum(__a, __b, __c),
    )
}
