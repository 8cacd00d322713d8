//! Checks generated code with every lint of rustc and clippy.
//!
//! Lints are forbidden where the code here complies, and denied elsewhere. The allowed ones concern
//! only the code here.
#![deny(
    warnings,
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::restriction,
    future_incompatible,
    keyword_idents,
    let_underscore,
    nonstandard_style,
    refining_impl_trait,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unused,
    absolute_paths_not_starting_with_crate,
    ambiguous_negative_literals,
    closure_returning_async_block,
    deprecated_in_future,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    ffi_unwind_calls,
    impl_trait_redundant_captures,
    let_underscore_drop,
    macro_use_extern_crate,
    meta_variable_misuse,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unstable_features,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![forbid(
    unsafe_code,
    unused_must_use,
    unreachable_code,
    clippy::unwrap_used,
    clippy::panic
)]
#![allow(
    clippy::arbitrary_source_item_ordering,
    clippy::blanket_clippy_restriction_lints,
    clippy::default_numeric_fallback,
    clippy::float_arithmetic,
    clippy::implicit_return,
    clippy::missing_trait_methods,
    clippy::single_call_fn,
    clippy::single_char_lifetime_names,
    clippy::unnecessary_wraps,
    missing_copy_implementations,
    reason = "user code may do this; generated code does not need it"
)]

use core::fmt::Display;
use parallelize::parallel;

/// A constant to share.
#[derive(Clone, Debug)]
pub struct Model {
    /// Scales values.
    factor: f64,
}

/// Shares and clones.
#[inline]
#[must_use]
#[parallel]
pub fn simulate(seed: f64, name: String, model: &Model) -> f64 {
    drop(name);
    seed * model.factor
}

/// Borrows.
#[inline]
#[must_use]
#[parallel]
pub fn first<'text>(text: &'text str, default: &'text str) -> &'text str {
    text.split(' ').next().unwrap_or(default)
}

/// Borrows with an elided lifetime.
#[inline]
#[must_use]
#[parallel]
pub fn trim(text: &str) -> &str {
    text.trim()
}

/// Is generic.
#[inline]
#[parallel]
pub fn show<T: Display, const N: usize>(values: &[T; N], other: &T) -> String {
    values.first().unwrap_or(other).to_string()
}

/// Returns nothing.
#[inline]
#[parallel]
pub const fn nothing(value: f64) {
    let _: f64 = value;
}

/// Is not used.
#[parallel(zip(left, right), local(buffer = String::new()), fail_fast, skip_none)]
fn unused(left: &str, right: &str, buffer: &mut String) -> Result<Option<String>, String> {
    buffer.clear();
    buffer.extend([left, right]);
    Ok(Some(buffer.clone()))
}

/// Says in a where clause what outlives what, and has a constant that only an option uses.
#[inline]
#[parallel(local(buffer = vec![filler; text.len()]))]
pub fn outlives<'long, 'short>(
    item: &'short &'long str,
    buffer: &mut Vec<u8>,
    text: &str,
    _filler: u8,
) -> &'short str
where
    'long: 'short,
{
    buffer.clear();
    buffer.extend(text.bytes());
    item
}

/// Knows a type that only the result mentions.
pub trait Storage<T> {
    /// Returns what is there.
    #[parallel]
    fn get(&self, key: u8) -> Option<&T>;
}

/// Holds what is in a matrix.
#[derive(Debug)]
pub struct Matrix<C> {
    /// Is what it holds.
    cells: Vec<C>,
}

impl<C> Matrix<C> {
    /// Returns the cells from one on.
    #[inline]
    #[parallel]
    pub fn cells(&self, from: usize) -> impl Iterator<Item = &C> {
        self.cells.iter().skip(from)
    }
}

/// Is not used either.
#[parallel(grid(left, right), threads = 2)]
fn grid(left: f64, right: f64, model: &Model) -> f64 {
    (left + right) * model.factor
}

/// Runs on many machines.
///
/// # Errors
///
/// If nothing is left.
#[cfg(feature = "cluster")]
#[inline]
#[parallel(
    cluster,
    grid(left, right),
    local(buffer = String::with_capacity(most.into())),
    fail_fast
)]
pub fn everywhere(
    left: f64,
    right: &str,
    buffer: &mut String,
    most: u8,
    names: Vec<String>,
    words: &[String],
) -> Result<String, String> {
    buffer.clear();
    buffer.extend([right, &left.to_string()]);
    buffer.extend(words.iter().map(String::as_str));
    buffer.extend(names);
    buffer.truncate(most.into());
    if buffer.is_empty() {
        return Err(String::new());
    }
    Ok(buffer.clone())
}

/// Runs on many machines, but is not called.
#[cfg(feature = "cluster")]
#[parallel(cluster)]
fn everywhere_unused(value: f64) -> f64 {
    value + 1.0
}

/// Uses the functions whose companions are unused.
#[inline]
#[must_use]
pub fn uses(model: &Model) -> f64 {
    let text = unused("a", "b", &mut String::new());
    drop(text);
    grid(1.0, 2.0, model)
}

impl Model {
    /// Is a method.
    #[inline]
    #[must_use]
    #[parallel]
    pub fn apply(&self, value: f64) -> f64 {
        value * self.factor
    }

    /// Is a constructor.
    #[inline]
    #[must_use]
    #[parallel]
    pub const fn new(factor: f64) -> Self {
        Self { factor }
    }

    /// Runs over many of them.
    #[inline]
    #[must_use]
    #[parallel(over(self))]
    pub fn scaled(&self, by: f64) -> f64 {
        self.factor * by
    }
}

/// A trait whose method has a companion.
pub trait Shape {
    /// Has no body.
    #[parallel]
    fn area(&self, scale: f64) -> f64;
}

impl Shape for Model {
    #[inline]
    fn area(&self, scale: f64) -> f64 {
        self.apply(scale)
    }
}

/// Calls a companion.
#[inline]
#[must_use]
pub fn calls(model: &Model) -> Vec<f64> {
    nothing_parallel([1.0]);
    simulate_parallel([1.0, 2.0], String::new(), model)
}
