#[parallel(grid(self, a, b))]
fn scaled(&self, a: f64, b: f64) -> f64 { .. }

// expands to

/// Calls [`scaled`](fn@Self::scaled) in parallel for each combination of the items of `items`, `a` and `b`, the last varying fastest, and returns the results in input order.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn scaled_parallel<'item, I, J, K>(
    items: I,
    a: J,
    b: K,
) -> ::parallelize::__private::Vec<f64>
where
    Self: 'item + ::core::marker::Sized + ::core::marker::Sync,
    I: ::core::iter::IntoIterator<Item = &'item Self, IntoIter: ::core::marker::Send>,
    J: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
    K: ::core::iter::IntoIterator<
        Item = f64,
        IntoIter: ::core::marker::Send + ::core::clone::Clone,
    >,
{
    Self::scaled_job(items, a, b).collect::<f64>()
}
/// Like [`scaled_parallel`](fn@Self::scaled_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn scaled_job<'item, I, J, K>(
    items: I,
    a: J,
    b: K,
) -> ::parallelize::Job<
    impl ::parallelize::Items<(&'item Self, (f64, f64))>,
    impl ::parallelize::Work<(&'item Self, (f64, f64)), Output = f64>,
>
where
    Self: 'item + ::core::marker::Sized + ::core::marker::Sync,
    I: ::core::iter::IntoIterator<Item = &'item Self, IntoIter: ::core::marker::Send>,
    J: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
    K: ::core::iter::IntoIterator<
        Item = f64,
        IntoIter: ::core::marker::Send + ::core::clone::Clone,
    >,
{
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
        ::parallelize::__private::grid(
            items,
            |__items| <&'item Self as ::core::clone::Clone>::clone(__items),
            ::parallelize::__private::grid(
                ::parallelize::__private::axis(a),
                |__a| <f64 as ::core::clone::Clone>::clone(__a),
                b,
            ),
        ),
        (),
        |_| (),
        |_, (), (__items, (__a, __b))| Self::scaled(__items, __a, __b),
    )
}
