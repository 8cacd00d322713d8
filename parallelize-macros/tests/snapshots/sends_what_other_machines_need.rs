// features: cluster

#[parallel(cluster, grid(seed, name), local(buffer = vec![0; steps]))]
#[cfg(x)]
pub fn simulate(
    seed: u64,
    name: &'a str,
    steps: usize,
    buffer: &mut Vec<u8>,
    tags: Vec<Cow<'a, str>>,
    #[cfg(y)] model: &Model,
) -> Result<f64, Failed> {
    ..
}

// expands to

/// Calls [`simulate`](fn@simulate) in parallel for each combination of the items of `seed` and `name`, the last varying fastest, and returns the results in input order.
///
/// An item of `name` may also be a reference to what owns such a value.
///
/// `model` is shared by all calls; `steps` is copied for each call; `tags` is cloned for each call.
///
/// In a cluster, the calls run on all ranks.
///
/// # Panics
///
/// Panics if the function panics for an item; the message names the lowest one: `item 17: ..`.
#[cfg(x)]
#[track_caller]
pub fn simulate_parallel<'a, I, J>(
    seed: I,
    name: J,
    steps: usize,
    tags: Vec<Cow<'a, str>>,
    #[cfg(y)]
    model: &Model,
) -> ::parallelize::__private::Vec<Result<f64, Failed>>
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
    J: ::core::iter::IntoIterator<
        Item: ::parallelize::__private::Item<&'a str>,
        IntoIter: ::core::marker::Send + ::core::clone::Clone,
    >,
{
    simulate_job(seed, name, steps, tags, #[cfg(y)] model)
        .collect::<Result<f64, Failed>>()
}
/// Like [`simulate_parallel`](fn@simulate_parallel), but returns a job. It takes settings, and does nothing until one of its [last calls](::parallelize::Job#last-calls) runs it.
#[cfg(x)]
#[track_caller]
pub fn simulate_job<'a, I, J>(
    seed: I,
    name: J,
    steps: usize,
    tags: Vec<Cow<'a, str>>,
    #[cfg(y)]
    model: &Model,
) -> ::parallelize::Job<
    impl ::parallelize::Items<(u64, J::Item)>,
    impl ::parallelize::Work<
        (u64, J::Item),
        Output = Result<f64, Failed>,
    > + ::parallelize::Isolatable,
>
where
    I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
    J: ::core::iter::IntoIterator<
        Item: ::parallelize::__private::Item<&'a str>,
        IntoIter: ::core::marker::Send + ::core::clone::Clone,
    >,
{
    ::parallelize::__private::constant_is_shared_by_threads::<Vec<Cow<'a, str>>>();
    #[cfg(y)] ::parallelize::__private::constant_is_shared_by_threads::<Model>();
    ::parallelize::__private::companion::<
        _,
        _,
        _,
        _,
        _,
        Result<f64, Failed>,
    >(
            {
                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                &PROFILE
            },
            ::parallelize::__private::grid(
                seed,
                |__seed| <u64 as ::core::clone::Clone>::clone(__seed),
                name,
            ),
            move || {
                let _constants = ();
                let _constants = (_constants, steps);
                let _constants = (
                    _constants,
                    <Vec<Cow<'a, str>> as ::core::clone::Clone>::clone(&tags),
                );
                #[cfg(y)]
                let _constants = (_constants, model);
                _constants
            },
            move |_constants| {
                let __locals = ();
                let __locals = (__locals, vec![0; steps]);
                __locals
            },
            |_constants, __locals, (__seed, __name)| {
                let _constants = _constants();
                #[cfg(y)]
                let (_constants, __model) = _constants;
                let (_constants, __tags) = _constants;
                let (_constants, __steps) = _constants;
                let (__locals, __buffer) = __locals;
                simulate(
                    __seed,
                    ::parallelize::__private::Item::<&'a str>::item(__name),
                    __steps,
                    __buffer,
                    __tags,
                    #[cfg(y)]
                    __model,
                )
            },
        )
        .distributed(
            ::core::concat!(::core::module_path!(), "::", "simulate"),
            |_constants, _into| {
                let _constants = _constants();
                #[cfg(y)]
                let (_constants, __model) = _constants;
                let (_constants, __tags) = _constants;
                let (_constants, __steps) = _constants;
                <usize as ::parallelize::__private::cluster::Travels>::put(
                    &__steps,
                    "argument `steps`",
                    _into,
                )?;
                <Vec<
                    Cow<'_, str>,
                > as ::parallelize::__private::cluster::Travels>::put(
                    &__tags,
                    "argument `tags`",
                    _into,
                )?;
                #[cfg(y)]
                <Model as ::parallelize::__private::cluster::TravelsAs<
                    _,
                >>::put(&__model, "argument `model`", _into)?;
                ::core::result::Result::Ok(())
            },
            |(__seed, __name), _into| {
                <u64 as ::parallelize::__private::cluster::Travels>::put(
                    __seed,
                    "argument `seed`",
                    _into,
                )?;
                <str as ::parallelize::__private::cluster::TravelsAs<
                    _,
                >>::put(
                    &::parallelize::__private::Item::<&'a str>::item(*__name),
                    "argument `name`",
                    _into,
                )?;
                ::core::result::Result::Ok(())
            },
            |_from| <Result<
                f64,
                Failed,
            > as ::parallelize::__private::cluster::Travels>::take("the result", _from),
        )
}
#[cfg(x)]
const _: () = {
    #[::parallelize::__private::cluster::linkme::distributed_slice(
        ::parallelize::__private::cluster::FUNCTIONS
    )]
    #[linkme(crate = ::parallelize::__private::cluster::linkme)]
    static __ENTRY: ::parallelize::__private::cluster::Entry = ::parallelize::__private::cluster::Entry {
        name: ::core::concat!(::core::module_path!(), "::", "simulate"),
        begin: |_from| {
            let _constants = ();
            let _constants = (
                _constants,
                <usize as ::parallelize::__private::cluster::Travels>::take(
                    "argument `steps`",
                    _from,
                )?,
            );
            let _constants = (
                _constants,
                <Vec<
                    Cow<'_, str>,
                > as ::parallelize::__private::cluster::Travels>::take(
                    "argument `tags`",
                    _from,
                )?,
            );
            #[cfg(y)]
            let _constants = (
                _constants,
                <Model as ::parallelize::__private::cluster::TravelsAs<
                    _,
                >>::take("argument `model`", _from)?,
            );
            ::parallelize::__private::cluster::Function {
                constants: _constants,
                take: |_from| {
                    let __seed = <u64 as ::parallelize::__private::cluster::Travels>::take(
                        "argument `seed`",
                        _from,
                    )?;
                    let __name = <str as ::parallelize::__private::cluster::TravelsAs<
                        _,
                    >>::take("argument `name`", _from)?;
                    ::core::result::Result::Ok((__seed, __name))
                },
                local: |_constants| {
                    #[cfg(y)]
                    let (_constants, __model) = _constants;
                    let (_constants, __tags) = _constants;
                    let (_constants, __steps) = _constants;
                    let steps = *__steps;
                    let _ = &steps;
                    let __locals = ();
                    let __locals = (__locals, vec![0; steps]);
                    __locals
                },
                apply: |_constants, __locals, (__seed, __name)| {
                    #[cfg(y)]
                    let (_constants, __model) = _constants;
                    let (_constants, __tags) = _constants;
                    let (_constants, __steps) = _constants;
                    let (__locals, __buffer) = __locals;
                    simulate(
                        __seed,
                        ::core::borrow::Borrow::<str>::borrow(&__name),
                        *__steps,
                        __buffer,
                        <Vec<Cow<'_, str>> as ::core::clone::Clone>::clone(__tags),
                        #[cfg(y)]
                        ::core::borrow::Borrow::<Model>::borrow(__model),
                    )
                },
                fails: |_result: &Result<f64, Failed>| {
                    use ::parallelize::__private::cluster::NeverFails as _;
                    ::parallelize::__private::cluster::Verdict(_result).is_failure()
                },
                put: |_result, _into| <Result<
                    f64,
                    Failed,
                > as ::parallelize::__private::cluster::Travels>::put(
                    _result,
                    "the result",
                    _into,
                ),
            }
                .begun()
        },
    };
};
