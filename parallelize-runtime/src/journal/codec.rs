//! How results are encoded in a journal.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding::{self, ErrorText};

/// How results `R` are encoded in a journal.
pub trait Codec<R> {
    /// Returns the name of the type that is encoded.
    fn type_name() -> &'static str;

    /// Appends `result` to `into`. Returns whether it is to be stored: an error is not.
    fn encode(result: &R, into: &mut Vec<u8>) -> Result<bool, ErrorText>;

    /// Takes the next result off `bytes`.
    fn decode(bytes: &mut &[u8]) -> Result<R, ErrorText>;
}

/// Encodes whole results.
pub struct AsIs;

/// The first bytes of every encoded `Err`: a map with one entry, whose key has three letters.
const ENCODED_ERR: &[u8] = b"\x81\xa3Err";

impl<R: Serialize + DeserializeOwned> Codec<R> for AsIs {
    fn type_name() -> &'static str {
        std::any::type_name::<R>()
    }

    fn encode(result: &R, into: &mut Vec<u8>) -> Result<bool, ErrorText> {
        let start = into.len();
        encoding::encode(result, into)?;
        Ok(!into[start..].starts_with(ENCODED_ERR))
    }

    fn decode(bytes: &mut &[u8]) -> Result<R, ErrorText> {
        encoding::decode(bytes)
    }
}

/// Encodes the values in `Ok`. Errors need not be serializable.
pub struct OkOnly;

impl<T: Serialize + DeserializeOwned, E> Codec<Result<T, E>> for OkOnly {
    fn type_name() -> &'static str {
        std::any::type_name::<T>()
    }

    fn encode(result: &Result<T, E>, into: &mut Vec<u8>) -> Result<bool, ErrorText> {
        match result {
            Ok(value) => encoding::encode(value, into).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn decode(bytes: &mut &[u8]) -> Result<Result<T, E>, ErrorText> {
        encoding::decode(bytes).map(Ok)
    }
}
