//! The messages between ranks.

use std::time::Duration;

use crate::encoding::{self, ErrorText};

/// A message. Each position in it is the position of an item in its call.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    /// To a follower: chunks of this call follow.
    Open {
        call: u64,
        function: String,
        /// The number of threads of each rank that work on the call. `None` stands for all of them.
        threads: Option<usize>,
        stop_on: StopOn,
        /// Whether results are sums of leaves, as far as chunks hold whole ones.
        sums: bool,
        constants: Vec<u8>,
    },
    /// To a follower: the items of a chunk that starts at `start`.
    Chunk {
        call: u64,
        start: usize,
        items: Vec<u8>,
    },
    /// To a follower: no item from `position` on need begin.
    Bound { call: u64, position: usize },
    /// To a follower: there are no further chunks of this call.
    Close { call: u64 },
    /// To a follower: there are no further calls.
    Shutdown,
    /// To the leader: the results of the chunk at `start`, which kept a thread `busy`.
    Results {
        call: u64,
        start: usize,
        /// The number of that thread on its rank.
        thread: usize,
        busy: Duration,
        results: Vec<u8>,
    },
    /// To the leader: the chunk at `start` cannot be evaluated.
    Refused {
        call: u64,
        start: usize,
        reason: ErrorText,
    },
}

/// The items that end a call: those behind them need not begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum StopOn {
    /// No item: each has an outcome of its own.
    Never,
    /// An item that panics.
    Panic,
    /// An item that panics or returns an error.
    Error,
}

/// The first byte of an item's result in a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ItemStatus {
    /// The item's result follows.
    Done = 0,
    /// The message of the item's panic follows.
    Panicked = 1,
    /// The sum of a leaf follows, which begins with this item.
    Leaf = 2,
}

impl ItemStatus {
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Done, Self::Panicked, Self::Leaf]
            .into_iter()
            .find(|status| *status as u8 == byte)
    }
}

/// The header of a message: its kind, the call, a position, a number, a number of threads or of a
/// thread, and a text. Fields that a message does not use are 0 or empty.
type MessageHeader = (u8, u64, usize, u64, usize, String);

impl Message {
    /// Encodes the message: the payload, the header, and the length of the header.
    ///
    /// The payload is first because it may be large: there it stays in place and is not copied.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let (header, mut bytes): (MessageHeader, _) = match self {
            Self::Open {
                call,
                function,
                threads,
                stop_on,
                sums,
                constants,
            } => {
                let (sums, threads) = (usize::from(sums), threads.unwrap_or(0));
                let header = (0, call, sums, stop_on as u64, threads, function);
                (header, constants)
            }
            Self::Chunk { call, start, items } => ((1, call, start, 0, 0, String::new()), items),
            Self::Bound { call, position } => {
                ((2, call, position, 0, 0, String::new()), Vec::new())
            }
            Self::Close { call } => ((3, call, 0, 0, 0, String::new()), Vec::new()),
            Self::Shutdown => ((4, 0, 0, 0, 0, String::new()), Vec::new()),
            Self::Results {
                call,
                start,
                thread,
                busy,
                results,
            } => {
                let busy = u64::try_from(busy.as_nanos()).unwrap_or(u64::MAX);
                ((5, call, start, busy, thread, String::new()), results)
            }
            Self::Refused {
                call,
                start,
                reason,
            } => ((6, call, start, 0, 0, reason), Vec::new()),
        };
        let payload = bytes.len();
        encoding::encode(&header, &mut bytes).expect("numbers and text can be encoded");
        let len = u32::try_from(bytes.len() - payload).expect("a header is short");
        bytes.extend(len.to_le_bytes());
        bytes
    }

    /// Decodes a message.
    pub(crate) fn from_bytes(mut bytes: Vec<u8>) -> Result<Self, ErrorText> {
        let cut = || "the message is cut off".to_owned();
        let (rest, len) = bytes.split_last_chunk().ok_or_else(cut)?;
        let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| cut())?;
        let payload = rest.len().checked_sub(len).ok_or_else(cut)?;
        let (kind, call, position, number, threads, text): MessageHeader =
            encoding::decode(&mut &rest[payload..])?;
        bytes.truncate(payload);
        Ok(match kind {
            0 => Self::Open {
                call,
                function: text,
                threads: (threads > 0).then_some(threads),
                stop_on: match number {
                    0 => StopOn::Never,
                    1 => StopOn::Panic,
                    _ => StopOn::Error,
                },
                sums: position > 0,
                constants: bytes,
            },
            1 => Self::Chunk {
                call,
                start: position,
                items: bytes,
            },
            2 => Self::Bound { call, position },
            3 => Self::Close { call },
            4 => Self::Shutdown,
            5 => Self::Results {
                call,
                start: position,
                thread: threads,
                busy: Duration::from_nanos(number),
                results: bytes,
            },
            6 => Self::Refused {
                call,
                start: position,
                reason: text,
            },
            kind => return Err(format!("there is no message of kind {kind}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_as_it_was_sent() {
        let open = |threads, stop_on| Message::Open {
            call: u64::MAX,
            function: "app::simulate".to_owned(),
            threads,
            stop_on,
            sums: stop_on == StopOn::Panic,
            constants: vec![1, 2, 3],
        };
        let (call, start) = (7, 1 << 40);
        let messages = || {
            [
                open(None, StopOn::Never),
                open(Some(16), StopOn::Panic),
                open(None, StopOn::Error),
                Message::Chunk {
                    call,
                    start,
                    items: vec![0; 100_000],
                },
                Message::Bound {
                    call,
                    position: usize::MAX,
                },
                Message::Close { call },
                Message::Shutdown,
                Message::Results {
                    call,
                    start,
                    thread: 5,
                    busy: Duration::from_nanos(123_456_789),
                    results: Vec::new(),
                },
                Message::Refused {
                    call,
                    start,
                    reason: "odd".to_owned(),
                },
            ]
        };
        for (message, expected) in messages().into_iter().zip(messages()) {
            let bytes = message.into_bytes();
            assert!(Message::from_bytes(bytes[..bytes.len() - 1].to_vec()).is_err());
            assert_eq!(Message::from_bytes(bytes), Ok(expected));
        }
        assert!(Message::from_bytes(Vec::new()).is_err());
    }
}
