#[parallel]
fn apply<T: Clone, F>(x: T, k: T, f: &F, g: impl Fn(T) -> T) -> Vec<T>
where
    F: Fn(T) -> T,
{
    ..
}

// expands to

/// Calls [`apply`](fn@apply) in parallel for each item of `x` and returns the results in input order.
///
/// `f` is shared by all calls; `k` and `g` are cloned for each call. Another argument varies instead of `x` if `over(..)` names it.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[track_caller]
fn apply_parallel<T: Clone + ::core::marker::Send + ::core::marker::Sync, F, I>(
    x: I,
    k: T,
    f: &F,
    g: impl Fn(T) -> T + ::core::marker::Sync + ::core::clone::Clone,
) -> ::parallelize::__private::Vec<Vec<T>>
where
    F: Fn(T) -> T + ::core::marker::Sync,
    I: ::core::iter::IntoIterator<Item = T, IntoIter: ::core::marker::Send>,
    Vec<T>: ::core::marker::Send,
{
    apply_job::<T, F, I>(x, k, f, g).collect::<Vec<T>>()
}
/// Like [`apply_parallel`](fn@apply_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[track_caller]
fn apply_job<T: Clone + ::core::marker::Send + ::core::marker::Sync, F, I>(
    x: I,
    k: T,
    f: &F,
    g: impl Fn(T) -> T + ::core::marker::Sync + ::core::clone::Clone,
) -> ::parallelize::Job<
    impl ::parallelize::Items<T>,
    impl ::parallelize::Work<T, Output = Vec<T>>,
>
where
    F: Fn(T) -> T + ::core::marker::Sync,
    I: ::core::iter::IntoIterator<Item = T, IntoIter: ::core::marker::Send>,
    Vec<T>: ::core::marker::Send,
{
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        Vec<T>,
    >(
        {
            static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
            &PROFILE
        },
        x,
        move || {
            let _constants = ();
            let _constants = (_constants, <T as ::core::clone::Clone>::clone(&k));
            let _constants = (_constants, f);
            let _constants = (_constants, <_ as ::core::clone::Clone>::clone(&g));
            _constants
        },
        |_| (),
        |_constants, (), __x| {
            let _constants = _constants();
            let (_constants, __g) = _constants;
            let (_constants, __f) = _constants;
            let (_constants, __k) = _constants;
            apply::<T, F>(__x, __k, __f, __g)
        },
    )
}
