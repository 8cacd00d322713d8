//! How results stand in a journal.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding::{self, Reason};

/// How results `R` stand in a journal.
pub trait Codec<R> {
    /// The type that is written.
    fn name() -> &'static str;

    /// Appends `result` to `into`: whether it is one to keep. An error is not.
    fn encode(result: &R, into: &mut Vec<u8>) -> Result<bool, Reason>;

    /// Takes the next result off `bytes`.
    fn decode(bytes: &mut &[u8]) -> Result<R, Reason>;
}

/// As they are.
pub struct AsIs;

/// How the encoding of every `Err` begins: as a map of one entry, with three letters for its key.
const ERR: &[u8] = b"\x81\xa3Err";

impl<R: Serialize + DeserializeOwned> Codec<R> for AsIs {
    fn name() -> &'static str {
        std::any::type_name::<R>()
    }

    fn encode(result: &R, into: &mut Vec<u8>) -> Result<bool, Reason> {
        let start = into.len();
        encoding::encode(result, into)?;
        Ok(!into[start..].starts_with(ERR))
    }

    fn decode(bytes: &mut &[u8]) -> Result<R, Reason> {
        encoding::decode(bytes)
    }
}

/// The values in results, without what the errors are.
pub struct OkOnly;

impl<T: Serialize + DeserializeOwned, E> Codec<Result<T, E>> for OkOnly {
    fn name() -> &'static str {
        std::any::type_name::<T>()
    }

    fn encode(result: &Result<T, E>, into: &mut Vec<u8>) -> Result<bool, Reason> {
        match result {
            Ok(value) => encoding::encode(value, into).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    fn decode(bytes: &mut &[u8]) -> Result<Result<T, E>, Reason> {
        encoding::decode(bytes).map(Ok)
    }
}
