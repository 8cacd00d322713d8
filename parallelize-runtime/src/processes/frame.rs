//! What goes over the socket between two processes: frames of a kind and some bytes.

use std::io::{self, Read, Write};

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// To a process: a message of a cluster's leader.
    Message = 0,
    /// The process evaluates items from now on.
    Ready = 1,
    /// The results since the last frame. The next item begins.
    Begins = 2,
    /// The results since the last frame. The chunk has ended.
    Done = 3,
    /// The chunk cannot be evaluated, for this reason.
    Refused = 4,
}

/// Bounds the bytes of a frame. What is longer was written by something that has lost its mind.
const MAX_LEN: u64 = 1 << 40;

/// Writes a frame.
pub(super) fn write(mut to: impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    let mut header = [kind as u8; 9];
    header[1..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
    if bytes.len() > 4_096 {
        to.write_all(&header)?;
        return to.write_all(bytes);
    }
    // With one call of the operating system.
    to.write_all(&[&header, bytes].concat())
}

/// Reads a frame into `bytes`, and returns its kind.
///
/// # Errors
///
/// Returns an error if the other side has ended, or has written something else than frames.
pub(super) fn read(mut from: impl Read, bytes: &mut Vec<u8>) -> io::Result<Kind> {
    let mut header = [0; 9];
    from.read_exact(&mut header)?;
    let [kind, len @ ..] = header;
    let kinds = [
        Kind::Message,
        Kind::Ready,
        Kind::Begins,
        Kind::Done,
        Kind::Refused,
    ];
    let kind = kinds.into_iter().find(|known| *known as u8 == kind);
    let (kind, len) = match (kind, u64::from_le_bytes(len)) {
        (Some(kind), len) if len <= MAX_LEN => (kind, len),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    bytes.clear();
    // Takes memory as the bytes arrive, and not as their number promises.
    from.take(len).read_to_end(bytes)?;
    if bytes.len() as u64 == len {
        Ok(kind)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_arrives_as_it_was_written() {
        for len in [0, 1, 4_096, 4_097, 100_000] {
            let (sent, mut wire, mut bytes) = (vec![7; len], Vec::new(), vec![1]);
            write(&mut wire, Kind::Done, &sent).unwrap();
            assert_eq!(read(&wire[..], &mut bytes).unwrap(), Kind::Done);
            assert_eq!(bytes, sent);
            let cut = &wire[..wire.len() - 1];
            assert!(read(cut, &mut bytes).is_err());
        }
    }

    #[test]
    fn nonsense_is_an_error_and_takes_no_memory() {
        let mut bytes = Vec::new();
        let long = [&[2][..], &(1_u64 << 39).to_le_bytes()].concat();
        assert!(read(&long[..], &mut bytes).is_err());
        assert!(bytes.capacity() < 1 << 20);
        assert!(read(&[9; 20][..], &mut bytes).is_err());
        assert!(read(&[255; 20][..], &mut bytes).is_err());
    }
}
