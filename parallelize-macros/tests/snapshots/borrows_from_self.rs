#[parallel]
fn find(&self, key: &str, _scale: f64) -> Option<&Entry> { .. }

// expands to

/// Calls [`find`](fn@Self::find) for each item of `key`, on all cores, with the results in their order.
///
/// `self` is shared by all calls, `scale` is the same in all calls.
///
/// # Panics
///
/// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
#[track_caller]
fn find_parallel<'item, I>(
    &self,
    key: I,
    scale: f64,
) -> ::parallelize::__private::Vec<Option<&Entry>>
where
    I: ::core::iter::IntoIterator<Item = &'item str, IntoIter: ::core::marker::Send>,
    Self: ::core::marker::Sized + ::core::marker::Sync,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        Option<&Entry>,
    >(
            {
                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                &PROFILE
            },
            key,
            || (),
            |(), __key| Self::find(self, __key, scale),
        )
        .collect::<Option<&Entry>>()
}
/// What [`find_parallel`](fn@Self::find_parallel) does, as a job that can be told more before it runs.
#[track_caller]
fn find_job<'item, I>(
    &self,
    key: I,
    scale: f64,
) -> ::parallelize::__private::Job<
    impl ::core::iter::Iterator<
        Item = <I as ::core::iter::IntoIterator>::Item,
    > + ::core::marker::Send,
    impl ::parallelize::__private::Work<
        <I as ::core::iter::IntoIterator>::Item,
        Output = Option<&Entry>,
    >,
>
where
    I: ::core::iter::IntoIterator<Item = &'item str, IntoIter: ::core::marker::Send>,
    Self: ::core::marker::Sized + ::core::marker::Sync,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        Option<&Entry>,
    >(
        {
            static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
            &PROFILE
        },
        key,
        || (),
        move |(), __key| Self::find(self, __key, scale),
    )
}
