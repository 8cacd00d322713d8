//! What ranks tell each other.

use std::time::Duration;

use crate::encoding::{self, Reason};

/// What a message says. Positions are those of items in their call.
#[derive(Debug, PartialEq)]
pub(crate) enum Message {
    /// To a follower: runs of this call are to come.
    Begin {
        call: u64,
        function: String,
        /// How many threads are to work on it, if not all that there are.
        threads: Option<usize>,
        /// Whether the items behind one that panics or is an error are of no use.
        ends_with: StopOn,
        constants: Vec<u8>,
    },
    /// To a follower: items from `start` on.
    Run {
        call: u64,
        start: usize,
        items: Vec<u8>,
    },
    /// To a follower: items from `position` on need not be begun.
    Bound { call: u64, position: usize },
    /// To a follower: there are no further runs of this call.
    End { call: u64 },
    /// To a follower: there are no further calls.
    Shutdown,
    /// To the leader: what became of the run at `start`, for which the `thread` of this number was
    /// `busy`.
    Results {
        call: u64,
        start: usize,
        thread: usize,
        busy: Duration,
        results: Vec<u8>,
    },
    /// To the leader: the run at `start` cannot be evaluated.
    Refused {
        call: u64,
        start: usize,
        why: String,
    },
}

/// Which items end a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum StopOn {
    /// None: each has an outcome of its own.
    Never,
    /// One that panics.
    Panic,
    /// One that panics or returns an error.
    Error,
}

/// What came of an item elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ItemStatus {
    /// Its result stands behind this.
    Done = 0,
    /// The words of its panic stand behind this.
    Panicked = 1,
}

impl ItemStatus {
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Done, Self::Panicked]
            .into_iter()
            .find(|came| *came as u8 == byte)
    }
}

/// The parts of a message beside its payload.
type MessageParts = (u8, u64, usize, u64, usize, String);

impl Message {
    /// The payload, behind it the rest, and behind that how long the rest is: so the payload, which
    /// may be large, stays where it was encoded.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let (head, mut bytes): (MessageParts, _) = match self {
            Self::Begin {
                call,
                function,
                threads,
                ends_with,
                constants,
            } => {
                let threads = threads.unwrap_or(0);
                ((0, call, 0, ends_with as u64, threads, function), constants)
            }
            Self::Run { call, start, items } => ((1, call, start, 0, 0, String::new()), items),
            Self::Bound { call, position } => {
                ((2, call, position, 0, 0, String::new()), Vec::new())
            }
            Self::End { call } => ((3, call, 0, 0, 0, String::new()), Vec::new()),
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
            Self::Refused { call, start, why } => ((6, call, start, 0, 0, why), Vec::new()),
        };
        let payload = bytes.len();
        encoding::encode(&head, &mut bytes).expect("numbers and text can be encoded");
        let head = u32::try_from(bytes.len() - payload).expect("a name is short");
        bytes.extend(head.to_le_bytes());
        bytes
    }

    /// The message that was made these bytes.
    pub(crate) fn from_bytes(mut bytes: Vec<u8>) -> Result<Self, Reason> {
        let cut = || "the message is cut off".to_owned();
        let (rest, len) = bytes.split_last_chunk().ok_or_else(cut)?;
        let head = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| cut())?;
        let payload = rest.len().checked_sub(head).ok_or_else(cut)?;
        let (kind, call, position, number, threads, words): MessageParts =
            encoding::decode(&mut &rest[payload..])?;
        bytes.truncate(payload);
        Ok(match kind {
            0 => Self::Begin {
                call,
                function: words,
                threads: (threads > 0).then_some(threads),
                ends_with: match number {
                    0 => StopOn::Never,
                    1 => StopOn::Panic,
                    _ => StopOn::Error,
                },
                constants: bytes,
            },
            1 => Self::Run {
                call,
                start: position,
                items: bytes,
            },
            2 => Self::Bound { call, position },
            3 => Self::End { call },
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
                why: words,
            },
            kind => return Err(format!("there are no messages of kind {kind}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_as_it_was_sent() {
        let begin = |threads, ends_with| Message::Begin {
            call: u64::MAX,
            function: "app::simulate".to_owned(),
            threads,
            ends_with,
            constants: vec![1, 2, 3],
        };
        let (call, start) = (7, 1 << 40);
        let messages = || {
            [
                begin(None, StopOn::Never),
                begin(Some(16), StopOn::Panic),
                begin(None, StopOn::Error),
                Message::Run {
                    call,
                    start,
                    items: vec![0; 100_000],
                },
                Message::Bound {
                    call,
                    position: usize::MAX,
                },
                Message::End { call },
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
                    why: "so".to_owned(),
                },
            ]
        };
        for (message, again) in messages().into_iter().zip(messages()) {
            let bytes = message.into_bytes();
            assert!(Message::from_bytes(bytes[..bytes.len() - 1].to_vec()).is_err());
            assert_eq!(Message::from_bytes(bytes), Ok(again));
        }
        assert!(Message::from_bytes(Vec::new()).is_err());
    }
}
