//! Checksums and digests. They are the same on every machine and with every compiler.

use std::hash::Hasher;

use serde::Serialize;
use siphasher::sip::SipHasher13;

use super::{ErrorText, encode};

/// Returns the checksum of `parts`, joined in their order.
pub(crate) fn checksum(parts: &[&[u8]]) -> u64 {
    let mut hash = SipHasher13::new();
    for part in parts {
        hash.write(part);
    }
    hash.finish()
}

/// Returns the digest of `value`, which it encodes in `scratch`.
///
/// The order of a map's entries does not change the digest: that of a `HashMap` differs in each
/// process.
///
/// # Errors
///
/// Returns the reason if the value cannot be encoded.
pub(crate) fn digest(
    value: &(impl Serialize + ?Sized),
    scratch: &mut Vec<u8>,
) -> Result<u64, ErrorText> {
    scratch.clear();
    encode(value, scratch)?;
    Ok(digest_values(1, &mut &**scratch))
}

/// Takes the next `count` encoded values off `bytes`. Returns their digest.
fn digest_values(count: u64, bytes: &mut &[u8]) -> u64 {
    let mut hash = SipHasher13::new();
    (0..count).for_each(|_| hash_value(bytes, &mut hash));
    hash.finish()
}

/// Takes the next value off `bytes` and hashes it. The bytes are `MessagePack`, written by
/// [`encode`].
fn hash_value(bytes: &mut &[u8], hash: &mut SipHasher13) {
    let marker = hash_number(1, bytes, hash);
    match marker {
        // Text, short to long; bytes; values with a tag of one byte.
        0xa0..=0xbf => hash_bytes(marker & 0x1f, bytes, hash),
        0xd9..=0xdb => hash_sized(1 << (marker - 0xd9), 0, bytes, hash),
        0xc4..=0xc6 => hash_sized(1 << (marker - 0xc4), 0, bytes, hash),
        0xc7..=0xc9 => hash_sized(1 << (marker - 0xc7), 1, bytes, hash),
        0xd4..=0xd8 => hash_bytes(1 + (1 << (marker - 0xd4)), bytes, hash),
        // Numbers.
        0xca..=0xcb => hash_bytes(4 << (marker - 0xca), bytes, hash),
        0xcc..=0xcf => hash_bytes(1 << (marker - 0xcc), bytes, hash),
        0xd0..=0xd3 => hash_bytes(1 << (marker - 0xd0), bytes, hash),
        // Sequences, and maps.
        0x90..=0x9f => (0..marker & 0xf).for_each(|_| hash_value(bytes, hash)),
        0xdc..=0xdd => {
            let len = hash_number(2 << (marker - 0xdc), bytes, hash);
            (0..len).for_each(|_| hash_value(bytes, hash));
        }
        0x80..=0x8f => hash_entries(marker & 0xf, bytes, hash),
        0xde..=0xdf => {
            let len = hash_number(2 << (marker - 0xde), bytes, hash);
            hash_entries(len, bytes, hash);
        }
        // The marker is all there is of small numbers, `true`, `false` and nil.
        _ => (),
    }
}

/// Takes the entries of a map off `bytes` and hashes them, whatever their order.
fn hash_entries(len: u64, bytes: &mut &[u8], hash: &mut SipHasher13) {
    let sum = (0..len).fold(0_u64, |sum, _| sum.wrapping_add(digest_values(2, bytes)));
    hash.write(&sum.to_le_bytes());
}

/// Takes a length of `width` bytes off `bytes`, then that many bytes and `extra` more. Hashes all.
fn hash_sized(width: u64, extra: u64, bytes: &mut &[u8], hash: &mut SipHasher13) {
    let len = hash_number(width, bytes, hash);
    hash_bytes(len + extra, bytes, hash);
}

/// Takes a number of `width` bytes off `bytes` and hashes it. Returns the number.
fn hash_number(width: u64, bytes: &mut &[u8], hash: &mut SipHasher13) -> u64 {
    let taken = take(width, bytes);
    hash.write(taken);
    taken
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Takes `len` bytes off `bytes` and hashes them.
fn hash_bytes(len: u64, bytes: &mut &[u8], hash: &mut SipHasher13) {
    hash.write(take(len, bytes));
}

/// Takes `len` bytes off `bytes`, or all if there are fewer.
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
        let digest = digest(&value, &mut scratch).unwrap();
        let mut bytes = &*scratch;
        value_of(&mut bytes);
        assert!(bytes.is_empty(), "the digest is of a part of the value");
        digest
    }

    fn value_of(bytes: &mut &[u8]) {
        hash_value(bytes, &mut SipHasher13::new());
    }

    #[test]
    fn each_value_is_taken_as_a_whole_and_has_its_own_digest() {
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
            of(bytes_like_serde_bytes()),
        ];
        let mut sorted = all.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        // No two are equal. (Equal numbers of two types would be.)
        assert_eq!(sorted.len(), all.len());
    }

    /// Returns bytes that serialize as those of `serde_bytes` do.
    fn bytes_like_serde_bytes() -> impl Serialize {
        struct Bytes;
        impl Serialize for Bytes {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&[7; 300])
            }
        }
        Bytes
    }

    #[test]
    fn the_order_of_a_map_does_not_count() {
        for len in [0, 3, 15, 16, 100, 70_000] {
            let ordered: BTreeMap<u32, String> = (0..len).map(|i| (i, i.to_string())).collect();
            let mut hashed: HashMap<u32, String> = ordered.clone().into_iter().collect();
            assert_eq!(of(&ordered), of(&hashed));
            if len > 1 {
                let (first, second) = (hashed[&0].clone(), hashed[&1].clone());
                hashed.insert(0, second);
                hashed.insert(1, first);
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
