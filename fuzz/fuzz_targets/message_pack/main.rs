//! Values as `MessagePack`: a value comes back as it was, or it is refused. Bytes that are no value
//! are an error, whatever they say about lengths.
#![cfg_attr(fuzzing, no_main)]

// The room is private in the runtime, and needs nothing else of it.
#[path = "../../../parallelize-runtime/src/encoding/mod.rs"]
mod encoding;
#[path = "../../support/program.rs"]
mod program;
mod value;

use arbitrary::{Arbitrary, Unstructured};
use encoding::digest::{checksum, digest};
use encoding::{decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use value::{Plain, Tagged, Untagged, Value};

program::fuzz!(fuzz);

fn fuzz(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    match kind % 6 {
        0 => travel::<Vec<Value>>(bytes),
        1 => travel::<Value>(bytes),
        2 => read::<Vec<Value>>(bytes),
        3 => read::<(Tagged, Untagged, Plain)>(bytes),
        4 => read::<(Vec<u64>, String, u128)>(bytes),
        _ => read::<(String, String, Vec<(String, u64)>)>(bytes),
    }
}

/// Checks that a value, for which the bytes are choices, comes back exactly if it is encoded.
fn travel<'b, T>(bytes: &'b [u8])
where
    T: Arbitrary<'b> + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let Ok(value) = T::arbitrary_take_rest(Unstructured::new(bytes)) else {
        return;
    };
    let mut encoded = b"before".to_vec();
    let is_encoded = encode(&value, &mut encoded).is_ok();
    let mut left = encoded.strip_prefix(b"before").expect("an appended value");
    let decoded = decode::<T>(&mut left);
    assert_eq!(
        is_encoded,
        decoded.as_ref() == Ok(&value),
        "{value:?} is {decoded:?}"
    );
    let mut scratch = Vec::new();
    let ours = digest(&value, &mut scratch);
    assert_eq!(is_encoded, ours.is_ok());
    if let (Ok(decoded), Ok(ours)) = (decoded, ours) {
        assert!(left.is_empty(), "{value:?} leaves {left:?}");
        assert_eq!(digest(&decoded, &mut scratch), Ok(ours));
    }
}

/// Checks what is decoded from any bytes: if it is a value, it can be encoded again.
fn read<T: Serialize + DeserializeOwned + PartialEq>(mut bytes: &[u8]) {
    let all = bytes;
    if let Ok(value) = decode::<T>(&mut bytes) {
        assert!(all.ends_with(bytes));
        let mut encoded = Vec::new();
        let again = encode(&value, &mut encoded).and_then(|()| decode::<T>(&mut &*encoded));
        assert!(again.is_ok_and(|again| again == value));
        assert_eq!(
            checksum(&[&encoded]),
            checksum(&[&encoded[..1], &encoded[1..]])
        );
    }
}
