#[parallel]
fn area(&self, scale: f64) -> Self::Unit;

// expands to

/// Calls [`area`](fn@Self::area) in parallel for each item of `scale` and returns the results in input order.
///
/// `self` is shared by all calls.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[inline]
#[track_caller]
fn area_parallel<I>(&self, scale: I) -> ::parallelize::__private::Vec<Self::Unit>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
    Self: ::core::marker::Sized + ::core::marker::Sync,
    Self::Unit: ::core::marker::Send,
{
    Self::area_job(self, scale).collect::<Self::Unit>()
}
/// Like [`area_parallel`](fn@Self::area_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[inline]
#[track_caller]
fn area_job<I>(
    &self,
    scale: I,
) -> ::parallelize::Job<
    impl ::parallelize::Items<f64>,
    impl ::parallelize::Work<f64, Output = Self::Unit>,
>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
    Self: ::core::marker::Sized + ::core::marker::Sync,
    Self::Unit: ::core::marker::Send,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        Self::Unit,
    >(
        {
            static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
            &PROFILE
        },
        scale,
        move || {
            let _constants = ();
            let _constants = (_constants, self);
            _constants
        },
        |_| (),
        |_constants, (), __scale| {
            let _constants = _constants();
            let (_constants, __self) = _constants;
            Self::area(__self, __scale)
        },
    )
}
