//! What stands in the place of the function when there is no companion.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

/// The item as it was, so that one mistake is one error and not a tail of unresolved names.
pub(crate) fn emit(item: &TokenStream, error: &Error) -> TokenStream {
    let complaints = error.to_compile_error();
    quote!(#item #complaints)
}
