//! What happens to the bytes of a journal.

use std::ops::Range;

use arbitrary::{Arbitrary, Unstructured};

use crate::layout::Record;

/// A change of some bytes.
#[derive(Arbitrary)]
enum Change<'b> {
    Flip {
        at: u16,
        bit: u8,
    },
    Overwrite {
        at: u16,
        bytes: &'b [u8],
    },
    Insert {
        at: u16,
        bytes: &'b [u8],
    },
    Remove {
        at: u16,
        len: u8,
    },
    Cut {
        at: u16,
    },
    /// Puts a part of the file elsewhere, too.
    Copy {
        from: u16,
        len: u16,
        to: u16,
    },
    /// Puts a record elsewhere, too: at a place in the file, or between two records.
    CopyRecord {
        record: u8,
        to: u16,
    },
    RepeatRecord {
        record: u8,
        before: u8,
    },
    RemoveRecord {
        record: u8,
    },
}

/// Changes, one after the other.
pub(crate) struct Damage<'b>(Vec<Change<'b>>);

impl<'b> Damage<'b> {
    pub(crate) fn chosen_by(choices: &'b [u8]) -> Self {
        let mut choices = Unstructured::new(choices);
        let mut changes = Vec::new();
        while !choices.is_empty() && changes.len() < 16 {
            changes.extend(Change::arbitrary(&mut choices));
        }
        Self(changes)
    }

    /// Returns the `file` with the damage. The `records` are where they are in the whole file.
    pub(crate) fn applied_to(&self, file: &[u8], records: &[Record]) -> Vec<u8> {
        let mut bytes = file.to_vec();
        for change in &self.0 {
            change.apply(&mut bytes, file, records);
        }
        bytes
    }
}

impl Change<'_> {
    fn apply(&self, bytes: &mut Vec<u8>, file: &[u8], records: &[Record]) {
        let len = bytes.len();
        let place = |at: &u16| usize::from(*at) % (len + 1);
        let part = |at: &u16, part_len: usize| place(at)..len.min(place(at) + part_len);
        let found = |record: &u8| records[usize::from(*record) % records.len()].bytes.clone();
        let insert = |bytes: &mut Vec<u8>, at: usize, more: &[u8]| {
            drop(bytes.splice(at..at, more.iter().copied()));
        };
        match self {
            Self::Flip { at, bit } => {
                bytes[part(at, 1)]
                    .iter_mut()
                    .for_each(|byte| *byte ^= 1 << (bit % 8));
            }
            Self::Overwrite { at, bytes: more } => {
                let Range { start, end } = part(at, more.len());
                bytes[start..end].copy_from_slice(&more[..end - start]);
            }
            Self::Insert { at, bytes: more } => insert(bytes, place(at), more),
            Self::Remove { at, len } => drop(bytes.drain(part(at, usize::from(*len)))),
            Self::Cut { at } => bytes.truncate(place(at)),
            Self::Copy { from, len, to } => {
                let copy = bytes[part(from, usize::from(*len))].to_vec();
                insert(bytes, place(to), &copy);
            }
            Self::CopyRecord { record, to } => insert(bytes, place(to), &file[found(record)]),
            Self::RepeatRecord { record, before } => {
                let at = found(before).start.min(len);
                insert(bytes, at, &file[found(record)]);
            }
            Self::RemoveRecord { record } => {
                let Range { start, end } = found(record);
                drop(bytes.drain(start.min(len)..end.min(len)));
            }
        }
    }
}
