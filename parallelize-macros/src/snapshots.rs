//! What companions look like, as one reads them.

// All cases have one form, whether there are quotes in them or not.
#![allow(clippy::needless_raw_string_hashes)]
// An expansion is as long as it is.
#![allow(clippy::too_many_lines)]

use std::str::FromStr;

use proc_macro2::TokenStream;

/// Compares the companion of `item` with `expected`, both in the layout of prettyplease.
#[track_caller]
fn check(args: &str, item: &str, expected: &str) {
    check_keyed(false, args, item, expected);
}

/// The same, with what the cargo feature `journal` adds if `is_keyed`.
#[track_caller]
fn check_keyed(is_keyed: bool, args: &str, item: &str, expected: &str) {
    let parse = |text| TokenStream::from_str(text).expect("tokens");
    let companion = crate::companion_of(parse(args), parse(item), is_keyed).expect("a companion");
    let pretty = |tokens| prettyplease::unparse(&syn::parse2(tokens).expect("items"));
    let found = pretty(companion);
    assert!(
        found == pretty(parse(expected)),
        "the companion is\n{found}"
    );
}

#[test]
fn shares_references_and_clones_what_is_owned() {
    check(
        r#""#,
        r#"pub fn simulate(seed: u64, steps: usize, names: Vec<String>, model: &Model) -> f64 { .. }"#,
        r#"
        /// Calls [`simulate`](fn@simulate) for each item of `seed`, on all cores, with the results in their order.
        ///
        /// `model` is shared by all calls, `steps` is the same in all calls, `names` is cloned for each call.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        pub fn simulate_parallel<I>(
            seed: I,
            steps: usize,
            names: Vec<String>,
            model: &Model,
        ) -> ::parallelize::__private::Vec<f64>
        where
            I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<String>>();
            ::parallelize::__private::constant_is_shared_by_threads::<Model>();
            ::parallelize::__private::companion::<
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
                    seed,
                    || (),
                    |(), __seed| simulate(
                        __seed,
                        steps,
                        <Vec<String> as ::core::clone::Clone>::clone(&names),
                        model,
                    ),
                )
                .collect::<f64>()
        }
        /// What [`simulate_parallel`](fn@simulate_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        pub fn simulate_job<I>(
            seed: I,
            steps: usize,
            names: Vec<String>,
            model: &Model,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = f64,
            >,
        >
        where
            I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<String>>();
            ::parallelize::__private::constant_is_shared_by_threads::<Model>();
            ::parallelize::__private::companion::<
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
                seed,
                || (),
                move |(), __seed| simulate(
                    __seed,
                    steps,
                    <Vec<String> as ::core::clone::Clone>::clone(&names),
                    model,
                ),
            )
        }
        "#,
    );
}

#[test]
fn names_what_may_not_stay_elided() {
    check(
        r#""#,
        r#"fn pair<T: Display>(parts: (&str, &[T]), holder: &Holder<'_, T>) -> String { .. }"#,
        r#"
        /// Calls [`pair`](fn@pair) for each item of `parts`, on all cores, with the results in their order.
        ///
        /// `holder` is shared by all calls.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn pair_parallel<'item, 'item_, T: Display + 'item_ + ::core::marker::Sync, I>(
            parts: I,
            holder: &Holder<'_, T>,
        ) -> ::parallelize::__private::Vec<String>
        where
            I: ::core::iter::IntoIterator<
                Item = (&'item str, &'item_ [T]),
                IntoIter: ::core::marker::Send,
            >,
            for<'any> Holder<'any, T>: ::core::marker::Sync,
        {
            ::parallelize::__private::companion::<
                _,
                _,
                _,
                _,
                String,
            >(
                    {
                        static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                        &PROFILE
                    },
                    parts,
                    || (),
                    |(), __parts| pair::<T>(__parts, holder),
                )
                .collect::<String>()
        }
        /// What [`pair_parallel`](fn@pair_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn pair_job<'item, 'item_, T: Display + 'item_ + ::core::marker::Sync, I>(
            parts: I,
            holder: &Holder<'_, T>,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = String,
            >,
        >
        where
            I: ::core::iter::IntoIterator<
                Item = (&'item str, &'item_ [T]),
                IntoIter: ::core::marker::Send,
            >,
            for<'any> Holder<'any, T>: ::core::marker::Sync,
        {
            ::parallelize::__private::companion::<
                _,
                _,
                _,
                _,
                String,
            >(
                {
                    static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                    &PROFILE
                },
                parts,
                || (),
                move |(), __parts| pair::<T>(__parts, holder),
            )
        }
        "#,
    );
}

#[test]
fn borrows_from_the_item() {
    check(
        r#""#,
        r#"fn first_word(text: &str) -> &str { .. }"#,
        r#"
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
        "#,
    );
}

#[test]
fn borrows_from_self() {
    check(
        r#""#,
        r#"fn find(&self, key: &str, _scale: f64) -> Option<&Entry> { .. }"#,
        r#"
        /// Calls [`find`](fn@Self::find) for each item of `key`, on all cores, with the results in their order.
        ///
        /// `self` is shared by all calls, `scale` is the same in all calls.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn find_parallel<'item, I>(&self, key: I, scale: f64) -> ::parallelize::__private::Vec<Option<&Entry>>
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
        "#,
    );
}

#[test]
fn asks_for_what_type_parameters_need() {
    check(
        r#""#,
        r#"fn apply<T: Clone, F>(x: T, k: T, f: &F, g: impl Fn(T) -> T) -> Vec<T> where F: Fn(T) -> T { .. }"#,
        r#"
        /// Calls [`apply`](fn@apply) for each item of `x`, on all cores, with the results in their order.
        ///
        /// `f` is shared by all calls, `k` and `g` are cloned for each call.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
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
            ::parallelize::__private::companion::<
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
                    || (),
                    |(), __x| apply::<
                        T,
                        F,
                    >(
                        __x,
                        <T as ::core::clone::Clone>::clone(&k),
                        f,
                        <_ as ::core::clone::Clone>::clone(&g),
                    ),
                )
                .collect::<Vec<T>>()
        }
        /// What [`apply_parallel`](fn@apply_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn apply_job<T: Clone + ::core::marker::Send + ::core::marker::Sync, F, I>(
            x: I,
            k: T,
            f: &F,
            g: impl Fn(T) -> T + ::core::marker::Sync + ::core::clone::Clone,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = Vec<T>,
            >,
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
                Vec<T>,
            >(
                {
                    static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                    &PROFILE
                },
                x,
                || (),
                move |(), __x| apply::<
                    T,
                    F,
                >(
                    __x,
                    <T as ::core::clone::Clone>::clone(&k),
                    f,
                    <_ as ::core::clone::Clone>::clone(&g),
                ),
            )
        }
        "#,
    );
}

#[test]
fn returns_nothing() {
    check(
        r#"over(b)"#,
        r#"unsafe extern "C" fn log((a, _): (u8, u8), mut b: u8, _: &str) { .. }"#,
        r#"
        /// Calls [`log`](fn@log) for each item of `b`, on all cores.
        ///
        /// `unused` is shared by all calls, `a` is cloned for each call.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        unsafe fn log_parallel<I>(a: (u8, u8), b: I, unused: &str)
        where
            I: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::companion::<
                _,
                _,
                _,
                _,
                _,
            >(
                    {
                        static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                        &PROFILE
                    },
                    b,
                    || (),
                    |(), __b| unsafe {
                        log(<(u8, u8) as ::core::clone::Clone>::clone(&a), __b, unused)
                    },
                )
                .collect::<_>();
        }
        /// What [`log_parallel`](fn@log_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        unsafe fn log_job<I>(
            a: (u8, u8),
            b: I,
            unused: &str,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = (),
            >,
        >
        where
            I: ::core::iter::IntoIterator<Item = u8, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::companion::<
                _,
                _,
                _,
                _,
                _,
            >(
                {
                    static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                    &PROFILE
                },
                b,
                || (),
                move |(), __b| unsafe {
                    log(<(u8, u8) as ::core::clone::Clone>::clone(&a), __b, unused)
                },
            )
        }
        "#,
    );
}

#[test]
fn takes_a_trait_method_without_a_body() {
    check(
        r#""#,
        r#"fn area(&self, scale: f64) -> Self::Unit;"#,
        r#"
        /// Calls [`area`](fn@Self::area) for each item of `scale`, on all cores, with the results in their order.
        ///
        /// `self` is shared by all calls.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[inline]
        #[track_caller]
        fn area_parallel<I>(&self, scale: I) -> ::parallelize::__private::Vec<Self::Unit>
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
                Self::Unit,
            >(
                    {
                        static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                        &PROFILE
                    },
                    scale,
                    || (),
                    |(), __scale| Self::area(self, __scale),
                )
                .collect::<Self::Unit>()
        }
        /// What [`area_parallel`](fn@Self::area_parallel) does, as a job that can be told more before it runs.
        #[inline]
        #[track_caller]
        fn area_job<I>(
            &self,
            scale: I,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = Self::Unit,
            >,
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
                Self::Unit,
            >(
                {
                    static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                    &PROFILE
                },
                scale,
                || (),
                move |(), __scale| Self::area(self, __scale),
            )
        }
        "#,
    );
}

#[test]
fn zips() {
    check(
        r#"zip(a, b, c)"#,
        r#"fn sum(a: u8, b: &u8, c: u8) -> u8 { .. }"#,
        r#"
        /// Calls [`sum`](fn@sum) for the items of `a`, `b` and `c` side by side, on all cores, with the results in their order.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn sum_parallel<'item, I, J, K>(a: I, b: J, c: K) -> ::parallelize::__private::Vec<u8>
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
                    || (),
                    |(), ((__a, __b), __c)| sum(__a, __b, __c),
                )
                .collect::<u8>()
        }
        /// What [`sum_parallel`](fn@sum_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn sum_job<'item, I, J, K>(
            a: I,
            b: J,
            c: K,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = (
                    (
                        <I as ::core::iter::IntoIterator>::Item,
                        <J as ::core::iter::IntoIterator>::Item,
                    ),
                    <K as ::core::iter::IntoIterator>::Item,
                ),
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                (
                    (
                        <I as ::core::iter::IntoIterator>::Item,
                        <J as ::core::iter::IntoIterator>::Item,
                    ),
                    <K as ::core::iter::IntoIterator>::Item,
                ),
                Output = u8,
            >,
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
                || (),
                move |(), ((__a, __b), __c)| sum(__a, __b, __c),
            )
        }
        "#,
    );
}

#[test]
fn makes_a_grid_of_methods() {
    check(
        r#"grid(self, a, b)"#,
        r#"fn scaled(&self, a: f64, b: f64) -> f64 { .. }"#,
        r#"
        /// Calls [`scaled`](fn@Self::scaled) for every combination of items of `items`, `a` and `b`, the last varying fastest, on all cores, with the results in their order.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn scaled_parallel<'item, I, J, K>(items: I, a: J, b: K) -> ::parallelize::__private::Vec<f64>
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
                    || (),
                    |(), (__items, (__a, __b))| Self::scaled(__items, __a, __b),
                )
                .collect::<f64>()
        }
        /// What [`scaled_parallel`](fn@Self::scaled_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn scaled_job<'item, I, J, K>(
            items: I,
            a: J,
            b: K,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = (
                    <I as ::core::iter::IntoIterator>::Item,
                    (
                        <J as ::core::iter::IntoIterator>::Item,
                        <K as ::core::iter::IntoIterator>::Item,
                    ),
                ),
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                (
                    <I as ::core::iter::IntoIterator>::Item,
                    (
                        <J as ::core::iter::IntoIterator>::Item,
                        <K as ::core::iter::IntoIterator>::Item,
                    ),
                ),
                Output = f64,
            >,
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
                || (),
                move |(), (__items, (__a, __b))| Self::scaled(__items, __a, __b),
            )
        }
        "#,
    );
}

#[test]
fn makes_locals() {
    check(
        r#"local(buffer = vec![0.0; size])"#,
        r#"fn fill(x: f64, buffer: &mut [f64], size: usize, names: Vec<u8>) -> f64 { .. }"#,
        r#"
        /// Calls [`fill`](fn@fill) for each item of `x`, on all cores, with the results in their order.
        ///
        /// `size` is the same in all calls, `names` is cloned for each call.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn fill_parallel<I>(x: I, size: usize, names: Vec<u8>) -> ::parallelize::__private::Vec<f64>
        where
            I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<u8>>();
            ::parallelize::__private::companion::<
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
                    x,
                    || {
                        let __locals = ();
                        let __locals = (__locals, vec![0.0; size]);
                        __locals
                    },
                    |__locals, __x| {
                        let (__locals, __buffer) = __locals;
                        fill(
                            __x,
                            __buffer,
                            size,
                            <Vec<u8> as ::core::clone::Clone>::clone(&names),
                        )
                    },
                )
                .collect::<f64>()
        }
        /// What [`fill_parallel`](fn@fill_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn fill_job<I>(
            x: I,
            size: usize,
            names: Vec<u8>,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = f64,
            >,
        >
        where
            I: ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<u8>>();
            ::parallelize::__private::companion::<
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
                x,
                {
                    move || {
                        let __locals = ();
                        let __locals = (__locals, vec![0.0; size]);
                        __locals
                    }
                },
                move |__locals, __x| {
                    let (__locals, __buffer) = __locals;
                    fill(__x, __buffer, size, <Vec<u8> as ::core::clone::Clone>::clone(&names))
                },
            )
        }
        "#,
    );
}

#[test]
fn takes_options_and_results_apart() {
    check(
        r#"fail_fast, skip_none"#,
        r#"fn read(line: &str) -> io::Result<Option<u64>> { .. }"#,
        r#"
        /// Calls [`read`](fn@read) for each item of `line`, on all cores, with the results that are not `None` in their order.
        ///
        /// # Errors
        ///
        /// If a call returns one: that of the lowest item for which one does.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn read_parallel<'item, I>(
            line: I,
        ) -> ::core::result::Result<
            ::parallelize::__private::Vec<
                <<io::Result<
                    Option<u64>,
                > as ::parallelize::__private::Fallible>::Ok as ::parallelize::__private::Optional>::Some,
            >,
            <io::Result<Option<u64>> as ::parallelize::__private::Fallible>::Err,
        >
        where
            I: ::core::iter::IntoIterator<Item = &'item str, IntoIter: ::core::marker::Send>,
        {
            {
                ::parallelize::__private::without_index(
                    ::parallelize::__private::companion::<
                        _,
                        _,
                        _,
                        _,
                        ::core::result::Result<_, _>,
                    >(
                            {
                                static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                                &PROFILE
                            },
                            line,
                            || (),
                            |(), __line| ::parallelize::__private::Fallible::into_result({
                                read(__line)
                            }),
                        )
                        .try_collect::<_, _>(),
                )
            }
                .map(::parallelize::__private::somes)
        }
        /// What [`read_parallel`](fn@read_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn read_job<'item, I>(
            line: I,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = io::Result<Option<u64>>,
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
                io::Result<Option<u64>>,
            >(
                {
                    static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                    &PROFILE
                },
                line,
                || (),
                move |(), __line| read(__line),
            )
        }
        "#,
    );
}

#[test]
fn holds_the_constants_apart_for_a_journal() {
    check_keyed(
        true,
        r#"local(buffer = vec![0.0; steps])"#,
        r#"fn simulate(seed: u64, #[cfg(unix)] steps: usize, names: Vec<String>, buffer: &mut Vec<f64>) { .. }"#,
        r#"
        /// Calls [`simulate`](fn@simulate) for each item of `seed`, on all cores.
        ///
        /// `steps` is the same in all calls, `names` is cloned for each call.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn simulate_parallel<I>(seed: I, #[cfg(unix)] steps: usize, names: Vec<String>)
        where
            I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<String>>();
            ::parallelize::__private::companion::<
                _,
                _,
                _,
                _,
                _,
            >(
                    {
                        static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                        &PROFILE
                    },
                    seed,
                    || {
                        let __locals = ();
                        let __locals = (__locals, vec![0.0; steps]);
                        __locals
                    },
                    |__locals, __seed| {
                        let (__locals, __buffer) = __locals;
                        simulate(
                            __seed,
                            #[cfg(unix)]
                            steps,
                            <Vec<String> as ::core::clone::Clone>::clone(&names),
                            __buffer,
                        )
                    },
                )
                .collect::<_>();
        }
        /// What [`simulate_parallel`](fn@simulate_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn simulate_job<I>(
            seed: I,
            #[cfg(unix)]
            steps: usize,
            names: Vec<String>,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = (),
            >,
        >
        where
            I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<String>>();
            ::parallelize::__private::keyed::<
                _,
                _,
                _,
                _,
                _,
                _,
                _,
            >(
                {
                    static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                    &PROFILE
                },
                seed,
                {
                    move || {
                        let __locals = ();
                        let __locals = (__locals, vec![0.0; steps]);
                        __locals
                    }
                },
                {
                    let _constants = ();
                    #[cfg(unix)]
                    let _constants = (_constants, steps);
                    let _constants = (_constants, names);
                    _constants
                },
                |_constants, __locals, __seed| {
                    let (_constants, __names) = _constants;
                    #[cfg(unix)]
                    let (_constants, __steps) = _constants;
                    #[cfg(unix)]
                    let __steps = *__steps;
                    let (__locals, __buffer) = __locals;
                    simulate(
                        __seed,
                        #[cfg(unix)]
                        __steps,
                        <Vec<String> as ::core::clone::Clone>::clone(__names),
                        __buffer,
                    )
                },
                |_constants| {
                    let (_constants, __names) = _constants;
                    #[cfg(unix)]
                    let (_constants, __steps) = _constants;
                    let _key = ::parallelize::__private::Key::of(&simulate);
                    #[cfg(unix)]
                    let _key = _key
                        .with(
                            "steps",
                            ::parallelize::__private::Constant::new(__steps).digest(),
                        );
                    let _key = _key
                        .with(
                            "names",
                            ::parallelize::__private::Constant::new(__names).digest(),
                        );
                    _key
                },
            )
        }
        "#,
    );
}

#[cfg(feature = "cluster")]
#[test]
fn sends_what_other_machines_need() {
    check(
        r#"cluster, grid(seed, name), local(buffer = vec![0; steps])"#,
        r#"#[cfg(x)] pub fn simulate(seed: u64, name: &'a str, steps: usize, buffer: &mut Vec<u8>, tags: Vec<Cow<'a, str>>, #[cfg(y)] model: &Model) -> Result<f64, Failed> { .. }"#,
        r#"
        /// Calls [`simulate`](fn@simulate) for every combination of items of `seed` and `name`, the last varying fastest, on all cores, with the results in their order.
        ///
        /// `model` is shared by all calls, `steps` is the same in all calls, `tags` is cloned for each call.
        ///
        /// In a cluster it runs on all ranks.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[cfg(x)]
        #[track_caller]
        pub fn simulate_parallel<I, J>(
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
                Item = &'a str,
                IntoIter: ::core::marker::Send + ::core::clone::Clone,
            >,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<Cow<'a, str>>>();
            #[cfg(y)] ::parallelize::__private::constant_is_shared_by_threads::<Model>();
            let _constants = ::parallelize::__private::cluster::constants(|_into| {
                <usize as ::parallelize::__private::cluster::Travels>::put(
                    &steps,
                    "argument `steps`",
                    _into,
                )?;
                <Vec<
                    Cow<'_, str>,
                > as ::parallelize::__private::cluster::Travels>::put(
                    &tags,
                    "argument `tags`",
                    _into,
                )?;
                #[cfg(y)]
                <Model as ::parallelize::__private::cluster::TravelsAs<
                    _,
                >>::put(&model, "argument `model`", _into)?;
                ::core::result::Result::Ok(())
            });
            ::parallelize::__private::companion::<
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
                    || {
                        let __locals = ();
                        let __locals = (__locals, vec![0; steps]);
                        __locals
                    },
                    |__locals, (__seed, __name)| {
                        let (__locals, __buffer) = __locals;
                        simulate(
                            __seed,
                            __name,
                            steps,
                            __buffer,
                            <Vec<Cow<'a, str>> as ::core::clone::Clone>::clone(&tags),
                            #[cfg(y)]
                            model,
                        )
                    },
                )
                .distributed(
                    ::core::concat!(::core::module_path!(), "::", "simulate"),
                    _constants,
                    |(__seed, __name), _into| {
                        <u64 as ::parallelize::__private::cluster::Travels>::put(
                            __seed,
                            "argument `seed`",
                            _into,
                        )?;
                        <str as ::parallelize::__private::cluster::TravelsAs<
                            _,
                        >>::put(__name, "argument `name`", _into)?;
                        ::core::result::Result::Ok(())
                    },
                    |_from| <Result<
                        f64,
                        Failed,
                    > as ::parallelize::__private::cluster::Travels>::take("the result", _from),
                )
                .collect::<Result<f64, Failed>>()
        }
        /// What [`simulate_parallel`](fn@simulate_parallel) does, as a job that can be told more before it runs.
        #[cfg(x)]
        #[track_caller]
        pub fn simulate_job<I, J>(
            seed: I,
            name: J,
            steps: usize,
            tags: Vec<Cow<'a, str>>,
            #[cfg(y)]
            model: &Model,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = (
                    <I as ::core::iter::IntoIterator>::Item,
                    <J as ::core::iter::IntoIterator>::Item,
                ),
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                (
                    <I as ::core::iter::IntoIterator>::Item,
                    <J as ::core::iter::IntoIterator>::Item,
                ),
                Output = Result<f64, Failed>,
            >,
        >
        where
            I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
            J: ::core::iter::IntoIterator<
                Item = &'a str,
                IntoIter: ::core::marker::Send + ::core::clone::Clone,
            >,
        {
            ::parallelize::__private::constant_is_shared_by_threads::<Vec<Cow<'a, str>>>();
            #[cfg(y)] ::parallelize::__private::constant_is_shared_by_threads::<Model>();
            let _constants = ::parallelize::__private::cluster::constants({
                let __tags = <Vec<Cow<'a, str>> as ::core::clone::Clone>::clone(&tags);
                move |_into| {
                    <usize as ::parallelize::__private::cluster::Travels>::put(
                        &steps,
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
                    >>::put(&model, "argument `model`", _into)?;
                    ::core::result::Result::Ok(())
                }
            });
            ::parallelize::__private::companion::<
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
                    {
                        move || {
                            let __locals = ();
                            let __locals = (__locals, vec![0; steps]);
                            __locals
                        }
                    },
                    move |__locals, (__seed, __name)| {
                        let (__locals, __buffer) = __locals;
                        simulate(
                            __seed,
                            __name,
                            steps,
                            __buffer,
                            <Vec<Cow<'a, str>> as ::core::clone::Clone>::clone(&tags),
                            #[cfg(y)]
                            model,
                        )
                    },
                )
                .distributed(
                    ::core::concat!(::core::module_path!(), "::", "simulate"),
                    _constants,
                    |(__seed, __name), _into| {
                        <u64 as ::parallelize::__private::cluster::Travels>::put(
                            __seed,
                            "argument `seed`",
                            _into,
                        )?;
                        <str as ::parallelize::__private::cluster::TravelsAs<
                            _,
                        >>::put(__name, "argument `name`", _into)?;
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
                            let __locals = ();
                            let __locals = (__locals, vec![0; steps]);
                            __locals
                        },
                        apply: |__locals, _constants, (__seed, __name)| {
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
        "#,
    );
}

#[cfg(feature = "cluster")]
#[test]
fn sends_nothing_where_there_is_nothing() {
    check(
        r#"cluster"#,
        r#"fn wait(_: u64) { .. }"#,
        r#"
        /// Calls [`wait`](fn@wait) for each item of `unused`, on all cores.
        ///
        /// In a cluster it runs on all ranks.
        ///
        /// # Panics
        ///
        /// If a call does: with the lowest item for which one does, as `item 17: <its message>`.
        #[track_caller]
        fn wait_parallel<I>(unused: I)
        where
            I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
        {
            let _constants = ::parallelize::__private::cluster::constants(|_into| {
                ::core::result::Result::Ok(())
            });
            ::parallelize::__private::companion::<
                _,
                _,
                _,
                _,
                _,
            >(
                    {
                        static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                        &PROFILE
                    },
                    unused,
                    || (),
                    |(), __unused| wait(__unused),
                )
                .distributed(
                    ::core::concat!(::core::module_path!(), "::", "wait"),
                    _constants,
                    |__unused, _into| {
                        <u64 as ::parallelize::__private::cluster::Travels>::put(
                            __unused,
                            "argument `unused`",
                            _into,
                        )?;
                        ::core::result::Result::Ok(())
                    },
                    |_from| <() as ::parallelize::__private::cluster::Travels>::take(
                        "the result",
                        _from,
                    ),
                )
                .collect::<_>();
        }
        /// What [`wait_parallel`](fn@wait_parallel) does, as a job that can be told more before it runs.
        #[track_caller]
        fn wait_job<I>(
            unused: I,
        ) -> ::parallelize::__private::Job<
            impl ::core::iter::Iterator<
                Item = <I as ::core::iter::IntoIterator>::Item,
            > + ::core::marker::Send,
            impl ::parallelize::__private::Work<
                <I as ::core::iter::IntoIterator>::Item,
                Output = (),
            >,
        >
        where
            I: ::core::iter::IntoIterator<Item = u64, IntoIter: ::core::marker::Send>,
        {
            let _constants = ::parallelize::__private::cluster::constants({
                move |_into| { ::core::result::Result::Ok(()) }
            });
            ::parallelize::__private::companion::<
                _,
                _,
                _,
                _,
                _,
            >(
                    {
                        static PROFILE: ::parallelize::__private::Profile = ::parallelize::__private::Profile::new();
                        &PROFILE
                    },
                    unused,
                    || (),
                    move |(), __unused| wait(__unused),
                )
                .distributed(
                    ::core::concat!(::core::module_path!(), "::", "wait"),
                    _constants,
                    |__unused, _into| {
                        <u64 as ::parallelize::__private::cluster::Travels>::put(
                            __unused,
                            "argument `unused`",
                            _into,
                        )?;
                        ::core::result::Result::Ok(())
                    },
                    |_from| <() as ::parallelize::__private::cluster::Travels>::take(
                        "the result",
                        _from,
                    ),
                )
        }
        const _: () = {
            #[::parallelize::__private::cluster::linkme::distributed_slice(
                ::parallelize::__private::cluster::FUNCTIONS
            )]
            #[linkme(crate = ::parallelize::__private::cluster::linkme)]
            static __ENTRY: ::parallelize::__private::cluster::Entry = ::parallelize::__private::cluster::Entry {
                name: ::core::concat!(::core::module_path!(), "::", "wait"),
                begin: |_from| {
                    let _constants = ();
                    ::parallelize::__private::cluster::Function {
                        constants: _constants,
                        take: |_from| {
                            let __unused = <u64 as ::parallelize::__private::cluster::Travels>::take(
                                "argument `unused`",
                                _from,
                            )?;
                            ::core::result::Result::Ok(__unused)
                        },
                        local: |_| (),
                        apply: |__locals, _constants, __unused| { wait(__unused) },
                        fails: |_result: &()| {
                            use ::parallelize::__private::cluster::NeverFails as _;
                            ::parallelize::__private::cluster::Verdict(_result).is_failure()
                        },
                        put: |_result, _into| <() as ::parallelize::__private::cluster::Travels>::put(
                            _result,
                            "the result",
                            _into,
                        ),
                    }
                        .begun()
                },
            };
        };
        "#,
    );
}
