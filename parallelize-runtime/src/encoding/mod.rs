//! The bytes of values that travel to other machines and are stored in files.
//!
//! The format is `MessagePack` with named fields. Unlike compact formats, it also encodes types
//! whose form shows only in the data: tagged, untagged and flattened ones, and skipped fields.
//!
//! This room imports nothing else of the crate.

#[cfg(feature = "journal")]
pub(crate) mod digest;
mod round_trip;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text of an error, such as why a value cannot be encoded or a message cannot be handled.
pub(crate) type ErrorText = String;

/// Appends `value` to `into`.
///
/// # Errors
///
/// Returns the reason if it cannot be encoded, or would be decoded as another value.
pub(crate) fn encode(
    value: &(impl Serialize + ?Sized),
    into: &mut Vec<u8>,
) -> Result<(), ErrorText> {
    rmp_serde::encode::write_named(into, value).map_err(|error| error.to_string())?;
    round_trip::check_round_trip(value).map_err(|error| error.to_string())
}

/// Takes the next value off `bytes`.
///
/// # Errors
///
/// Returns the reason if it cannot be decoded.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &mut &[u8]) -> Result<T, ErrorText> {
    rmp_serde::from_read(&mut *bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Circle { radius: f64 },
        Square { side: f64 },
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(i64),
        Text(String),
        Pair { left: u8, right: u8 },
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Everything {
        shapes: Vec<Tagged>,
        mixed: Vec<Untagged>,
        #[serde(skip)]
        skipped: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u32>,
        #[serde(flatten)]
        rest: BTreeMap<String, u16>,
    }

    #[test]
    fn a_value_that_would_be_decoded_as_another_is_refused() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Unit;
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct New(Option<u8>);
        fn travels<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> bool {
            let mut bytes = Vec::new();
            let is_encoded = encode(value, &mut bytes).is_ok();
            // The value comes back if it is encoded, and would not come back otherwise.
            assert_eq!(is_encoded, decode::<T>(&mut &*bytes).as_ref() == Ok(value));
            is_encoded
        }
        assert!(
            travels(&Some(Some(1))) && travels(&None::<Option<u8>>) && !travels(&Some(None::<u8>))
        );
        assert!(
            travels(&None::<()>) && !travels(&Some(())) && travels(&Some(Unit)) && travels(&Unit)
        );
        assert!(travels(&Some(New(Some(1)))) && !travels(&Some(New(None))));
        assert!(travels(&Ok::<(), u8>(())) && travels(&Some(Ok::<Option<u8>, u8>(None))));
        assert!(travels(&((), Some((1, None::<u8>)))) && !travels(&(1, [Some(())])));
        assert!(!travels(&BTreeMap::from([(1, Some(()))])) && !travels(&Err::<(), _>(Some(()))));
        assert!(travels(&Some([None::<u8>, Some(1)])) && travels(&Some(vec![(); 3])));
    }

    #[test]
    fn a_sequence_that_is_too_long_is_refused() {
        /// A sequence that announces too many elements, and has none.
        struct Long;
        impl Serialize for Long {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeSeq as _;
                serializer
                    .serialize_seq(usize::try_from(1_u64 << 32).ok())?
                    .end()
            }
        }
        let reason = encode(&(1, Long), &mut Vec::new()).unwrap_err();
        assert!(
            reason.contains("4294967296 elements are too many"),
            "{reason}"
        );
    }

    #[test]
    fn types_that_show_only_in_the_data_come_back_one_after_the_other() {
        let value = Everything {
            shapes: vec![Tagged::Circle { radius: 0.1 }, Tagged::Square { side: 2.0 }],
            mixed: vec![
                Untagged::Number(-7),
                Untagged::Text("seven".to_owned()),
                Untagged::Pair { left: 1, right: 2 },
            ],
            skipped: 0,
            absent: None,
            rest: BTreeMap::from([("more".to_owned(), 1), ("still".to_owned(), 2)]),
        };
        let mut bytes = Vec::new();
        for i in 0..3 {
            encode(&(i, &value), &mut bytes).unwrap();
        }
        let mut bytes = &*bytes;
        for i in 0..3 {
            assert_eq!(decode(&mut bytes), Ok((i, value.clone())));
        }
        assert!(bytes.is_empty());
        assert!(decode::<u8>(&mut bytes).is_err());
    }
}
