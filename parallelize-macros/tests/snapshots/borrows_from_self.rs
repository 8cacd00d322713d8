#[parallel]
fn find(&self, key: &str, _scale: f64) -> Option<&Entry> { .. }

// expands to

/// Calls [`find`](fn@Self::find) in parallel for each item of `key` and returns the results in input order.
///
/// An item of `key` may also be a reference to what owns such a value.
///
/// `self` is shared by all calls; `scale` is copied for each call. Another argument varies instead of `key` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn find_parallel<'item, I>(
    &self,
    key: I,
    scale: f64,
) -> ::parallelize::__private::Vec<Option<&Entry>>
where
    I: ::core::iter::IntoIterator<
        Item: ::parallelize::__private::Item<&'item str>,
        IntoIter: ::core::marker::Send,
    >,
    Self: ::core::marker::Sized + ::core::marker::Sync,
{
    Self::find_job(self, key, scale).collect::<Option<&Entry>>()
}
/// Like [`find_parallel`](fn@Self::find_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn find_job<'item, I>(
    &self,
    key: I,
    scale: f64,
) -> ::parallelize::Job<
    impl ::parallelize::Items<I::Item>,
    impl ::parallelize::Work<I::Item, Output = Option<&Entry>>,
>
where
    I: ::core::iter::IntoIterator<
        Item: ::parallelize::__private::Item<&'item str>,
        IntoIter: ::core::marker::Send,
    >,
    Self: ::core::marker::Sized + ::core::marker::Sync,
{
    ::parallelize::__private::companion::<
        _,
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
            move || {
                let _constants = ();
                let _constants = (_constants, self);
                let _constants = (_constants, scale);
                _constants
            },
            |_| (),
            |_constants, (), __key| {
                let _constants = _constants();
                let (_constants, __scale) = _constants;
                let (_constants, __self) = _constants;
                Self::find(
                    __self,
                    ::parallelize::__private::Item::<&'item str>::item(__key),
                    __scale,
                )
            },
        )
        .within(::parallelize::__private::Pointee::<str>::new().__slices())
}
