//! Emits the function without companions if there was an error.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

/// Emits the item unchanged beside the error, so that its callers do not fail, too.
pub(crate) fn emit(item: &TokenStream, error: &Error) -> TokenStream {
    let errors = error.to_compile_error();
    quote!(#item #errors)
}
