#[parallel(local(buffer = self.buffer(pixel)))]
fn blur(self, scale: f64, pixel: u8, buffer: &mut Vec<u8>) -> u8 { .. }

// expands to

/// Calls [`blur`](fn@Self::blur) in parallel for each item of `scale` and returns the results in input order.
///
/// `pixel` is copied for each call; `self` is cloned for each call. Another argument varies instead of `scale` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn blur_parallel<I>(self, scale: I, pixel: u8) -> ::parallelize::__private::Vec<u8>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
    Self: ::core::marker::Sized + ::core::marker::Sync + ::core::clone::Clone,
{
    Self::blur_job(self, scale, pixel).collect::<u8>()
}
/// Like [`blur_parallel`](fn@Self::blur_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn blur_job<I>(
    self,
    scale: I,
    pixel: u8,
) -> ::parallelize::Job<
    impl ::parallelize::Items<f64>,
    impl ::parallelize::Work<f64, Output = u8>,
>
where
    I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
    Self: ::core::marker::Sized + ::core::marker::Sync + ::core::clone::Clone,
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
        scale,
        move || {
            let _constants = ();
            let _constants = (_constants, <Self as ::core::clone::Clone>::clone(&self));
            let _constants = (_constants, pixel);
            _constants
        },
        move |_constants| {
            let _constants = _constants();
            let (_constants, __pixel) = _constants;
            let (_constants, __self) = _constants;
            let __locals = ();
            let __locals = (__locals, __self.buffer(pixel));
            __locals
        },
        |_constants, __locals, __scale| {
            let _constants = _constants();
            let (_constants, __pixel) = _constants;
            let (_constants, __self) = _constants;
            let (__locals, __buffer) = __locals;
            Self::blur(__self, __scale, __pixel, __buffer)
        },
    )
}
