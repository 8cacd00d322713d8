//! Checksums and digests, which are the same on every machine and with every compiler.

use std::hash::Hasher;

use serde::Serialize;
use siphasher::sip::SipHasher13;

use super::{Reason, encode};

/// The checksum of `parts` one after the other.
pub(crate) fn checksum(parts: &[&[u8]]) -> u64 {
    let mut hash = SipHasher13::new();
    for part in parts {
        hash.write(part);
    }
    hash.finish()
}

/// The digest of `value`, with `scratch` to encode it in.
///
/// The entries of a map are in no order: a `HashMap` has another one in each process.
pub(crate) fn digest(
    value: &(impl Serialize + ?Sized),
    scratch: &mut Vec<u8>,
) -> Result<u64, Reason> {
    scratch.clear();
    encode(value, scratch)?;
    Ok(of_values(1, &mut &**scratch))
}

/// The digest of the next `count` encoded values, which are taken off `bytes`.
fn of_values(count: u64, bytes: &mut &[u8]) -> u64 {
    let mut hash = SipHasher13::new();
    (0..count).for_each(|_| value(bytes, &mut hash));
    hash.finish()
}

/// Takes the next value off `bytes`, which are of our own encoding: `MessagePack`.
fn value(bytes: &mut &[u8], hash: &mut SipHasher13) {
    let marker = number(1, bytes, hash);
    match marker {
        // Text, short to long; bytes; and values with a tag of one byte.
        0xa0..=0xbf => pass(marker & 0x1f, bytes, hash),
        0xd9..=0xdb => sized(1 << (marker - 0xd9), 0, bytes, hash),
        0xc4..=0xc6 => sized(1 << (marker - 0xc4), 0, bytes, hash),
        0xc7..=0xc9 => sized(1 << (marker - 0xc7), 1, bytes, hash),
        0xd4..=0xd8 => pass(1 + (1 << (marker - 0xd4)), bytes, hash),
        // Numbers.
        0xca..=0xcb => pass(4 << (marker - 0xca), bytes, hash),
        0xcc..=0xcf => pass(1 << (marker - 0xcc), bytes, hash),
        0xd0..=0xd3 => pass(1 << (marker - 0xd0), bytes, hash),
        // Sequences, and maps.
        0x90..=0x9f => (0..marker & 0xf).for_each(|_| value(bytes, hash)),
        0xdc..=0xdd => {
            let len = number(2 << (marker - 0xdc), bytes, hash);
            (0..len).for_each(|_| value(bytes, hash));
        }
        0x80..=0x8f => entries(marker & 0xf, bytes, hash),
        0xde..=0xdf => {
            let len = number(2 << (marker - 0xde), bytes, hash);
            entries(len, bytes, hash);
        }
        // Small numbers, `true`, `false` and nothing are their marker.
        _ => (),
    }
}

/// Takes the entries of a map off `bytes`, in whatever order.
fn entries(len: u64, bytes: &mut &[u8], hash: &mut SipHasher13) {
    let sum = (0..len).fold(0_u64, |sum, _| sum.wrapping_add(of_values(2, bytes)));
    hash.write(&sum.to_le_bytes());
}

/// Takes a length of `width` bytes off `bytes`, and so many bytes more and `beside`.
fn sized(width: u64, beside: u64, bytes: &mut &[u8], hash: &mut SipHasher13) {
    let len = number(width, bytes, hash);
    pass(len + beside, bytes, hash);
}

/// Takes a number of `width` bytes off `bytes`.
fn number(width: u64, bytes: &mut &[u8], hash: &mut SipHasher13) -> u64 {
    let taken = take(width, bytes);
    hash.write(taken);
    taken
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn pass(len: u64, bytes: &mut &[u8], hash: &mut SipHasher13) {
    hash.write(take(len, bytes));
}

/// The next `len` bytes, or as many as there are.
fn take<'b>(len: u64, bytes: &mut &'b [u8]) -> &'b [u8] {
    let len = usize::try_from(len).map_or(bytes.len(), |len| len.min(bytes.len()));
    let (taken, left) = bytes.split_at(len);
    *bytes = left;
    taken
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    fn of(value: impl Serialize) -> u64 {
        let mut scratch = Vec::new();
        let whole = digest(&value, &mut scratch).unwrap();
        let mut bytes = &*scratch;
        value_of(&mut bytes);
        assert!(bytes.is_empty(), "the digest is not of the whole value");
        whole
    }

    fn value_of(bytes: &mut &[u8]) {
        value(bytes, &mut SipHasher13::new());
    }

    #[test]
    fn each_value_is_taken_as_a_whole_and_is_another() {
        let long = |len| "a".repeat(len);
        let all = [
            of(()),
            of(true),
            of(1_u8),
            of(200_u8),
            of(300_u16),
            of(70_000_u32),
            of(u64::MAX),
            of(u128::MAX),
            of(i128::MIN),
            of(-1_i8),
            of(-100_i8),
            of(-300_i16),
            of(-70_000_i32),
            of(i64::MIN),
            of(1.5_f32),
            of(1.5_f64),
            of('a'),
            of(long(31)),
            of(long(32)),
            of(long(300)),
            of(long(70_000)),
            of((1, "a", [2.0; 3])),
            of(vec![7_u16; 15]),
            of(vec![7_u16; 16]),
            of(vec![7_u16; 70_000]),
            of((Some(1), None::<u8>)),
            of(Ok::<u8, ()>(1)),
            of(Err::<(), u8>(1)),
            of(serde_bytes_like()),
        ];
        let mut sorted = all.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        // A number is the same in whatever type.
        assert_eq!(sorted.len(), all.len());
    }

    /// Bytes, as `serde_bytes` has them serialized.
    fn serde_bytes_like() -> impl Serialize {
        struct Bytes;
        impl Serialize for Bytes {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&[7; 300])
            }
        }
        Bytes
    }

    #[test]
    fn a_map_has_no_order() {
        for len in [0, 3, 15, 16, 100, 70_000] {
            let ordered: BTreeMap<u32, String> = (0..len).map(|i| (i, i.to_string())).collect();
            let mut hashed: HashMap<u32, String> = ordered.clone().into_iter().collect();
            assert_eq!(of(&ordered), of(&hashed));
            if len > 1 {
                let (one, two) = (hashed[&0].clone(), hashed[&1].clone());
                hashed.insert(0, two);
                hashed.insert(1, one);
                assert_ne!(of(&ordered), of(&hashed));
            }
        }
    }

    #[test]
    fn it_is_the_same_in_every_version() {
        assert_eq!(checksum(&[b"ab", b"c"]), checksum(&[b"abc"]));
        assert_eq!(checksum(&[b"abc"]), 13_851_880_170_939_887_858);
        assert_eq!(
            of((1, "a", BTreeMap::from([(1, 2)]))),
            11_660_995_464_493_302_071
        );
    }
}
