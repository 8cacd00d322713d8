//! How values travel to other machines and lie in files: as `MessagePack` with named fields, which also
//! takes types whose form shows only in the data (tagged, untagged and flattened ones, and skipped
//! fields), as compact formats do not.

#[cfg(feature = "journal")]
pub(crate) mod digest;
mod nothing;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a value does not travel.
pub(crate) type Reason = String;

/// Appends `value` to `into`, if it can come back as it is.
pub(crate) fn encode(value: &(impl Serialize + ?Sized), into: &mut Vec<u8>) -> Result<(), Reason> {
    let encoded = rmp_serde::encode::write_named(into, value);
    encoded.map_err(|error| error.to_string())?;
    let looked = nothing::refuse_what_would_change(value);
    looked.map_err(|error| error.to_string())
}

/// Takes the next value off `bytes`.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &mut &[u8]) -> Result<T, Reason> {
    let decoded = rmp_serde::from_read(&mut *bytes);
    decoded.map_err(|error| error.to_string())
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
        whatever: Vec<Untagged>,
        #[serde(skip)]
        skipped: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<u32>,
        #[serde(flatten)]
        rest: BTreeMap<String, u16>,
    }

    #[test]
    fn what_would_come_back_as_something_else_is_refused() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Unit;
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct New(Option<u8>);
        fn goes<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> bool {
            let mut bytes = Vec::new();
            let goes = encode(value, &mut bytes).is_ok();
            // So it is for those that go, and for no others.
            assert_eq!(goes, decode::<T>(&mut &*bytes).as_ref() == Ok(value));
            goes
        }
        assert!(goes(&Some(Some(1))) && goes(&None::<Option<u8>>) && !goes(&Some(None::<u8>)));
        assert!(goes(&None::<()>) && !goes(&Some(())) && goes(&Some(Unit)) && goes(&Unit));
        assert!(goes(&Some(New(Some(1)))) && !goes(&Some(New(None))));
        assert!(goes(&Ok::<(), u8>(())) && goes(&Some(Ok::<Option<u8>, u8>(None))));
        assert!(goes(&((), Some((1, None::<u8>)))) && !goes(&(1, [Some(())])));
        assert!(!goes(&BTreeMap::from([(1, Some(()))])) && !goes(&Err::<(), _>(Some(()))));
        assert!(goes(&Some([None::<u8>, Some(1)])) && goes(&Some(vec![(); 3])));
    }

    #[test]
    fn what_is_longer_than_a_length_can_say_is_refused() {
        /// It says so, and that is as far as it comes.
        struct Long;
        impl Serialize for Long {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeSeq as _;
                serializer
                    .serialize_seq(usize::try_from(1_u64 << 32).ok())?
                    .end()
            }
        }
        let why = encode(&(1, Long), &mut Vec::new()).unwrap_err();
        assert!(why.contains("4294967296 elements are too many"), "{why}");
    }

    #[test]
    fn what_shows_only_in_the_data_comes_back_and_values_follow_each_other() {
        let value = Everything {
            shapes: vec![Tagged::Circle { radius: 0.1 }, Tagged::Square { side: 2.0 }],
            whatever: vec![
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
