//! The `#[parallel]` attribute of the `parallelize` crate, which documents it.
//!
//! The stages: the attribute becomes `Options`, the function a `Signature`, both are checked,
//! and `companion` generates code from them. Each stage uses those before it.
#![forbid(unsafe_code)]

mod check;
mod companion;
mod errors;
mod expand;
mod fallback;
mod options;
mod signature;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod stress;

use expand::expand;

// Documented where it is re-exported: `parallelize::parallel`.
#[allow(missing_docs)]
#[proc_macro_attribute]
pub fn parallel(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let item = item.into();
    expand(args.into(), &item).into()
}
