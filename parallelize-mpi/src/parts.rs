//! Messages in the form in which MPI carries them: whole, or as a length and then parts.

use std::collections::VecDeque;
use std::sync::Arc;

use mpi::Tag;
use mpi::request::{LocalScope, Request};
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, Destination as _};

/// Bounds the bytes of a part. Longer messages are split, since receiving a part blocks the thread
/// that calls MPI.
const PART_BYTES: usize = 4 << 20;

/// The kinds of messages. A receiver probes for all tags at once: MPI keeps the order only among
/// messages that match the same probe.
pub(crate) mod tag {
    use super::Tag;

    pub(crate) const WHOLE: Tag = 0;
    /// The length of a message whose parts follow.
    pub(crate) const LENGTH: Tag = 1;
    pub(crate) const PART: Tag = 2;
    /// Part of the handshake.
    pub(crate) const HELLO: Tag = 3;
    /// Rank 0 tells another rank to end.
    pub(crate) const LEAVE: Tag = 4;
    /// The last message of a rank that ends.
    pub(crate) const BYE: Tag = 5;
}

/// A message to another rank.
pub(crate) struct Outgoing {
    pub(crate) to: usize,
    tag: Tag,
    pub(crate) message: Arc<Vec<u8>>,
    /// The length of the message in bytes, encoded. It is sent before the parts.
    length: [u8; 8],
}

impl Outgoing {
    pub(crate) fn new(to: usize, tag: Tag, message: Arc<Vec<u8>>) -> Self {
        let length = (message.len() as u64).to_le_bytes();
        Self {
            to,
            tag,
            message,
            length,
        }
    }

    /// Starts to send the message or its parts, and appends the requests to `sending`.
    pub(crate) fn start_sending<'a, 'scope>(
        &'a self,
        world: &SimpleCommunicator,
        scope: &'scope LocalScope<'a>,
        sending: &mut VecDeque<Sending<'a, 'scope>>,
    ) {
        let rank = i32::try_from(self.to).expect("MPI counts ranks by i32");
        let to = world.process_at_rank(rank);
        let mut send = |bytes: &'a [u8], tag| {
            sending.push_back(to.immediate_send_with_tag(scope, bytes, tag));
        };
        if self.message.len() <= PART_BYTES {
            return send(&self.message, self.tag);
        }
        send(&self.length, tag::LENGTH);
        for part in self.message.chunks(PART_BYTES) {
            send(part, tag::PART);
        }
    }
}

/// A request of MPI to send some bytes.
pub(crate) type Sending<'a, 'scope> = Request<'a, [u8], &'scope LocalScope<'a>>;

/// Removes the requests at the front that are complete. Returns whether there were any.
pub(crate) fn remove_sent(sending: &mut VecDeque<Sending<'_, '_>>) -> bool {
    let before = sending.len();
    while let Some(front) = sending.pop_front() {
        if let Err(front) = front.test() {
            sending.push_front(front);
            break;
        }
    }
    sending.len() < before
}

/// A message that is being received in parts.
pub(crate) struct PartialMessage {
    pub(crate) message: Vec<u8>,
    received: usize,
}

impl PartialMessage {
    /// Makes room for a message, given its length as it was sent.
    pub(crate) fn announced_by(length: Vec<u8>) -> Self {
        let length = length
            .try_into()
            .map(u64::from_le_bytes)
            .expect("a length is 8 bytes");
        let length = usize::try_from(length).expect("a message fits into memory");
        Self {
            message: vec![0; length],
            received: 0,
        }
    }

    /// Returns the place of the next part, which has `length` bytes.
    pub(crate) fn next_part(&mut self, length: usize) -> &mut [u8] {
        let start = self.received;
        self.received += length;
        &mut self.message[start..self.received]
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.received == self.message.len()
    }
}
