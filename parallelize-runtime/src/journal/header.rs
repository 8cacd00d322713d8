//! The header of a journal, which says whose results are in it.

use super::error::JournalErrorKind;
use crate::encoding::digest::checksum;
use crate::encoding::{decode, encode};
use crate::work::Key;

/// The first bytes of every journal.
const MAGIC: &[u8] = b"parallelize journal\n";

/// The version of the file format. The encoding of values is part of it.
const VERSION: u32 = 2;

/// The work whose results are in a journal.
#[derive(Debug)]
pub(super) struct Header {
    function: String,
    result_type: String,
    /// The name of each constant and the digest of its value.
    constants: Vec<(String, u64)>,
}

impl Header {
    /// Makes the header for the work with this `key` and results of type `result_type`.
    pub(super) fn new(key: &Key, result_type: &str) -> Result<Self, JournalErrorKind> {
        let constant = |(name, digest): &(&str, Result<u64, String>)| match digest {
            Ok(digest) => Ok(((*name).to_owned(), *digest)),
            Err(reason) => Err(JournalErrorKind::Unfit {
                what: format!("the constant `{name}` of `{}`", key.function),
                reason: reason.clone(),
            }),
        };
        Ok(Self {
            function: key.function.clone(),
            result_type: result_type.to_owned(),
            constants: key
                .constants
                .iter()
                .map(constant)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Returns the header as it is in the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let Self {
            function,
            result_type,
            constants,
        } = self;
        let mut body = Vec::new();
        encode(&(function, result_type, constants), &mut body)
            .expect("text and numbers are encoded");
        let len = u32::try_from(body.len()).expect("names are not that long");
        let mut bytes = [MAGIC, &VERSION.to_le_bytes(), &len.to_le_bytes(), &body].concat();
        let sum = checksum(&[&bytes]);
        bytes.extend(sum.to_le_bytes());
        bytes
    }

    /// Parses the header at the beginning of `bytes`.
    fn parse(mut bytes: &[u8]) -> Result<Self, JournalErrorKind> {
        let whole = bytes;
        let no_journal = || JournalErrorKind::NoJournal;
        bytes = bytes.strip_prefix(MAGIC).ok_or_else(no_journal)?;
        let found = number(&mut bytes).ok_or_else(no_journal)?;
        if found != VERSION {
            return Err(JournalErrorKind::Version {
                found,
                expected: VERSION,
            });
        }
        let len = number(&mut bytes).ok_or_else(no_journal)?;
        let (mut body, rest) = usize::try_from(len)
            .ok()
            .and_then(|len| bytes.split_at_checked(len))
            .ok_or_else(no_journal)?;
        let sum = checksum(&[&whole[..whole.len() - rest.len()]]);
        if !rest.starts_with(&sum.to_le_bytes()) {
            return Err(no_journal());
        }
        let (function, result_type, constants) = decode(&mut body).map_err(|_| no_journal())?;
        Ok(Self {
            function,
            result_type,
            constants,
        })
    }

    /// Returns why a file that begins with `bytes`, and not with this header, is not for this work.
    pub(super) fn mismatch(&self, bytes: &[u8]) -> JournalErrorKind {
        let other = match Self::parse(bytes) {
            Ok(other) => other,
            Err(kind) => return kind,
        };
        if other.function != self.function {
            return JournalErrorKind::Function {
                found: other.function,
                expected: self.function.clone(),
            };
        }
        if other.result_type != self.result_type {
            return JournalErrorKind::Results {
                found: other.result_type,
                expected: self.result_type.clone(),
            };
        }
        let ours = self.constants.iter().map(Some).chain([None]);
        let theirs = other.constants.iter().map(Some).chain([None]);
        let first = ours.zip(theirs).find(|(ours, theirs)| ours != theirs);
        match first.and_then(|(ours, theirs)| ours.or(theirs)) {
            Some((name, _)) => JournalErrorKind::Constant { name: name.clone() },
            None => JournalErrorKind::NoJournal,
        }
    }
}

/// Takes the next number off `bytes`.
fn number(bytes: &mut &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*number))
}
