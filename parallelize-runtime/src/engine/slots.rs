//! The sink of `collect`: the output buffer, written in place by all workers at once.
//!
//! # Why this is sound
//!
//! Position `i` of the output has one slot. Three facts make every access to it exclusive:
//!
//! - **One writer.** A slot is written through the [`ChunkWriter`] of the [`Claim`] that holds its
//!   position. A claim is not `Clone`, and the source makes each position part of one claim only,
//!   so no two writers share a slot. A writer only moves forward, so it writes a slot once.
//! - **Known contents.** When a writer is dropped, also by a panic, it adds the positions that it
//!   has written to `filled`. A slot is read only if its position stands there.
//! - **No reader beside a writer.** Slots are read through `self` or `&mut self`. A writer borrows
//!   them, so none is left by then. The borrow checker ensures this.
//!
//! Slots never move: the buffer grows by further segments, each as long as all before it. Where the
//! length was known, there is only the first segment, and it becomes the `Vec` without a copy.

#[cfg(all(test, loom))]
mod models;

#[cfg(not(all(test, loom)))]
use std::mem::ManuallyDrop;
use std::mem::{self, MaybeUninit};
use std::ops::Range;
#[cfg(not(all(test, loom)))]
use std::ptr;
use std::sync::OnceLock;

use super::filled::Filled;
use crate::call::{AtMost, ChunkSink, Claim, Sink};
use crate::outcome::discard;
use crate::sync::{Mutex, UnsafeCell, lock};

type Slot<R> = UnsafeCell<MaybeUninit<R>>;
type Segment<R> = Box<[Slot<R>]>;

/// The least length of a further segment, in slots.
const SHORTEST: usize = 64;

/// The number of further segments. Each doubles the length, so they outgrow any address space.
const FURTHER: usize = usize::BITS as usize;

/// One slot for each position.
pub(crate) struct Slots<R> {
    first: Segment<R>,
    further: OnceLock<Box<[OnceLock<Segment<R>>; FURTHER]>>,
    filled: Mutex<Filled>,
}

// SAFETY: through `&Slots`, threads only write results, each to a slot of its own (see the module's
// "one writer"). The results move to the thread that takes the slots, hence `R: Send`. No thread
// receives an `&R`, hence no `R: Sync`.
unsafe impl<R: Send> Sync for Slots<R> {}

impl<R> Slots<R> {
    /// Makes slots that begin with `results` and use the memory that these have reserved.
    pub(super) fn new(results: Vec<R>) -> Self {
        let mut filled = Filled::default();
        filled.insert(0..results.len());
        Self {
            first: slots(results),
            further: OnceLock::new(),
            filled: Mutex::new(filled),
        }
    }

    /// Returns what writes the results of the chunk at `claim`.
    pub(super) fn writer(&self, claim: Claim) -> ChunkWriter<'_, R> {
        ChunkWriter {
            slots: self,
            until: claim.start(),
            ready: &[],
            claim,
        }
    }

    /// Counts `positions` as filled.
    fn commit(&self, positions: Range<usize>) {
        lock(&self.filled).insert(positions);
    }

    /// Returns all `len` results.
    ///
    /// # Panics
    ///
    /// Panics if one of them is missing.
    pub(super) fn into_vec(mut self, len: usize) -> Vec<R> {
        let is_whole = lock(&self.filled).is(0..len);
        assert!(is_whole, "a result is missing");
        // From here on nothing counts as filled: the results belong to the `Vec`, and a panic leaks
        // the rest.
        self.filled = Mutex::new(Filled::default());
        if len > self.first.len() {
            let mut results = Vec::with_capacity(len);
            // SAFETY: all slots up to `len` are filled, and each is read once.
            self.each_slot(0..len, |slot| results.push(unsafe { take(slot) }));
            return results;
        }
        // SAFETY: the slots up to `len` are filled, and all of them are in the first segment.
        unsafe { results(mem::take(&mut self.first), len) }
    }

    /// Calls `visit` with the slots at `positions`, in order.
    fn each_slot(&self, mut positions: Range<usize>, mut visit: impl FnMut(&Slot<R>)) {
        while !positions.is_empty() {
            let slots = self.tail(&positions);
            slots.iter().for_each(&mut visit);
            positions.start += slots.len();
        }
    }

    /// Returns the slots from the first of `positions` on, as far as they stand in one segment.
    fn tail(&self, positions: &Range<usize>) -> &[Slot<R>] {
        let slots = if positions.start < self.first.len() {
            &self.first[positions.start..]
        } else {
            self.further_tail(positions.start - self.first.len())
        };
        &slots[..slots.len().min(positions.len())]
    }

    /// Returns the slots of one further segment, from `offset` slots behind the first segment on.
    /// Further segment `k` is `base << k` slots long.
    #[cold]
    fn further_tail(&self, offset: usize) -> &[Slot<R>] {
        let base = self.first.len().max(SHORTEST);
        let k = (offset / base + 1).ilog2();
        let start = base * ((1 << k) - 1);
        let further = self
            .further
            .get_or_init(|| Box::new([const { OnceLock::new() }; FURTHER]));
        let slots = further[k as usize].get_or_init(|| slots(Vec::with_capacity(base << k)));
        &slots[offset - start..base << k]
    }
}

impl<R> Drop for Slots<R> {
    fn drop(&mut self) {
        let filled = mem::take(&mut *lock(&self.filled));
        if mem::needs_drop::<R>() {
            for positions in filled.into_ranges() {
                // One by one, as a call that fails drops its results here, and maybe while
                // unwinding. SAFETY: these slots are filled, and no longer count as filled.
                self.each_slot(positions, |slot| discard(unsafe { take(slot) }));
            }
        }
    }
}

impl<R: Send> Sink for Slots<R> {
    type Value = R;
    type Gathered = Vec<R>;

    type ChunkSink<'s>
        = ChunkWriter<'s, R>
    where
        R: 's;

    fn chunk_sink(&self, claim: Claim) -> ChunkWriter<'_, R> {
        self.writer(claim)
    }
}

/// Writes the results of one chunk, in order.
pub(crate) struct ChunkWriter<'s, R> {
    slots: &'s Slots<R>,
    claim: Claim,
    /// The next slots of the chunk, as far as they stand in one segment.
    ready: &'s [Slot<R>],
    /// The position behind `ready`.
    until: usize,
}

impl<R> ChunkSink for ChunkWriter<'_, R> {
    type Value = R;

    #[inline]
    fn position(&self) -> usize {
        self.until - self.ready.len()
    }

    /// Writes the next result.
    ///
    /// # Panics
    ///
    /// Panics if the chunk has no position left.
    #[inline]
    fn push(&mut self, result: R) {
        if self.ready.is_empty() {
            self.next_segment();
        }
        let mut run = Run::of(self);
        assert!(
            !run.ready.is_empty(),
            "a chunk has as many results as positions"
        );
        // SAFETY: there is a slot.
        unsafe { run.push(result) };
    }

    #[inline]
    fn extend(&mut self, results: AtMost<impl Iterator<Item = R>>) {
        if self.ready.is_empty() {
            self.next_segment();
        }
        if results.len() > self.ready.len() {
            // They stand in several segments.
            return results.into_inner().for_each(|result| self.push(result));
        }
        let mut run = Run::of(self);
        // SAFETY: there are as many slots as results at most.
        results
            .into_inner()
            .for_each(|result| unsafe { run.push(result) });
    }
}

/// Writes some results of a chunk into slots that are there. Unlike the writer, it can live in
/// registers.
struct Run<'w, 's, R> {
    ready: &'s [Slot<R>],
    written: usize,
    writer: &'w mut ChunkWriter<'s, R>,
}

impl<'w, 's, R> Run<'w, 's, R> {
    #[inline]
    fn of(writer: &'w mut ChunkWriter<'s, R>) -> Self {
        Self {
            ready: writer.ready,
            written: 0,
            writer,
        }
    }

    /// Writes the next result.
    ///
    /// # Safety
    ///
    /// There is a slot for it.
    #[inline]
    unsafe fn push(&mut self, result: R) {
        // SAFETY: the caller ensures it.
        let slot = unsafe { self.ready.get_unchecked(self.written) };
        // SAFETY: the writer holds the claim, so no other thread touches its slots (the module's
        // "one writer").
        slot.with_mut(|slot| unsafe { (*slot).write(result) });
        self.written += 1;
    }
}

impl<R> Drop for Run<'_, '_, R> {
    #[inline]
    fn drop(&mut self) {
        self.writer.ready = &self.ready[self.written..];
    }
}

impl<R> ChunkWriter<'_, R> {
    /// Makes the next slots of the chunk ready, as far as they stand in one segment.
    #[cold]
    fn next_segment(&mut self) {
        self.ready = self.slots.tail(&(self.until..self.claim.end()));
        self.until += self.ready.len();
    }
}

impl<R> Drop for ChunkWriter<'_, R> {
    #[inline]
    fn drop(&mut self) {
        self.slots.commit(self.claim.start()..self.position());
    }
}

/// Moves the result out of `slot`.
///
/// # Safety
///
/// The slot is filled, nothing else touches it, and it is not read again.
unsafe fn take<R>(slot: &Slot<R>) -> R {
    // SAFETY: the caller ensures it.
    slot.with_mut(|slot| unsafe { slot.cast::<R>().read() })
}

/// Turns all that `results` has room for into slots.
#[cfg(not(all(test, loom)))]
fn slots<R>(results: Vec<R>) -> Segment<R> {
    let mut results = ManuallyDrop::new(results);
    let slots = results.as_mut_ptr().cast::<Slot<R>>();
    let slots = ptr::slice_from_raw_parts_mut(slots, results.capacity());
    // SAFETY:
    // - the allocation is that of a `Vec`, which no longer owns it, and has the layout of a slice
    //   as long as the capacity of the `Vec`;
    // - a slot has the layout of an `R`: `UnsafeCell` and `MaybeUninit` are transparent;
    // - every slot is initialised: a cell of `MaybeUninit` is valid whatever its bytes are.
    unsafe { Box::from_raw(slots) }
}

/// Turns a segment into its first `len` results, without moving them.
///
/// # Safety
///
/// The first `len` slots exist and are filled.
#[cfg(not(all(test, loom)))]
unsafe fn results<R>(slots: Segment<R>, len: usize) -> Vec<R> {
    let capacity = slots.len();
    let results = Box::into_raw(slots).cast::<R>();
    // SAFETY:
    // - the allocation is that of a boxed slice, which no longer owns it. It has the layout of a
    //   `Vec` whose capacity is the length of the slice;
    // - a slot has the layout of an `R`, as above;
    // - the first `len` elements are initialised: the caller ensures it.
    unsafe { Vec::from_raw_parts(results, len, capacity) }
}

// Loom's cells have a layout of their own.
#[cfg(test)]
#[cfg(loom)]
fn slots<R>(results: Vec<R>) -> Segment<R> {
    let vacant = results.capacity() - results.len();
    let filled = results.into_iter().map(MaybeUninit::new);
    filled
        .chain((0..vacant).map(|_| MaybeUninit::uninit()))
        .map(UnsafeCell::new)
        .collect()
}

#[cfg(test)]
#[cfg(loom)]
unsafe fn results<R>(slots: Segment<R>, len: usize) -> Vec<R> {
    // SAFETY: the caller ensures it.
    slots[..len]
        .iter()
        .map(|slot| unsafe { take(slot) })
        .collect()
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;
    use crate::call::Source;
    use crate::schedule::Slices;

    /// Returns consecutive claims of the lengths `lens`, from position `first` on.
    fn claims(first: usize, lens: &[usize]) -> Vec<Claim> {
        let mut source = Source::new(0.., first, Slices::UNKNOWN);
        let pull = |&len| source.pull(|_| len, &mut Vec::new()).0;
        lens.iter().map(pull).collect()
    }

    #[test]
    fn claims_of_any_length_fill_slots_of_any_number() {
        for capacity in [0, 1, 5, 63, 64, 65, 1_000] {
            for begun in [0, 1, 3, 64] {
                for lens in [
                    vec![],
                    vec![1],
                    vec![1; 70],
                    vec![64, 64],
                    vec![300, 1, 700],
                    vec![5; 40],
                ] {
                    let mut results = Vec::with_capacity(capacity);
                    results.extend((0..begun).map(|i| i.to_string()));
                    let slots = Slots::new(results);
                    // From the last to the first, so that segments are made out of order, too.
                    for claim in claims(begun, &lens).into_iter().rev() {
                        let positions = claim.start()..claim.end();
                        let mut writer = slots.writer(claim);
                        positions.for_each(|i| writer.push(i.to_string()));
                    }
                    let len = begun + lens.iter().sum::<usize>();
                    assert!(
                        slots
                            .into_vec(len)
                            .into_iter()
                            .eq((0..len).map(|i| i.to_string()))
                    );
                }
            }
        }
    }

    #[test]
    fn a_known_number_of_results_is_written_in_place() {
        let slots = Slots::new(Vec::with_capacity(100));
        let mut at = Vec::new();
        for claim in claims(0, &[30, 70]) {
            let len = claim.len();
            let mut writer = slots.writer(claim);
            for i in 0..len {
                writer.push(i);
                at.push(
                    writer.slots.first[writer.position() - 1]
                        .with_mut(|slot| slot.cast_const().cast()),
                );
            }
        }
        assert!(slots.into_vec(100).iter().map(std::ptr::from_ref).eq(at));
    }

    #[test]
    fn further_segments_begin_where_the_first_ends() {
        let slots = Slots::new(Vec::with_capacity(100));
        for claim in claims(0, &[100, 100, 1]) {
            let len = claim.len();
            let mut writer = slots.writer(claim);
            (0..len).for_each(|i| writer.push(i));
        }
        let further = slots.further.get().expect("there are further results");
        let lens: Vec<_> = further
            .iter()
            .map_while(|segment| Some(segment.get()?.len()))
            .collect();
        assert_eq!(lens, [100, 200]);
    }

    #[test]
    fn zero_sized_results_take_no_memory() {
        let slots = Slots::new(vec![(); 3]);
        for claim in claims(3, &[1_000]) {
            let mut writer = slots.writer(claim);
            (0..1_000).for_each(|_| writer.push(()));
        }
        assert_eq!(slots.into_vec(1_003).len(), 1_003);
    }

    #[test]
    fn written_results_are_dropped_once_and_nothing_else_is() {
        for capacity in [0, 10, 100] {
            let live = Arc::new(());
            let slots = Slots::new(Vec::with_capacity(capacity));
            let claims = claims(0, &[50, 1, 49]);
            for (claim, written) in claims.into_iter().zip([50, 0, 20]) {
                let mut writer = slots.writer(claim);
                (0..written).for_each(|_| writer.push(Arc::clone(&live)));
            }
            assert_eq!(Arc::strong_count(&live), 71);
            drop(slots);
            assert_eq!(Arc::strong_count(&live), 1);
        }
    }

    #[test]
    #[should_panic(expected = "a result is missing")]
    fn a_gap_is_noticed() {
        let slots = Slots::new(Vec::with_capacity(4));
        for (claim, written) in claims(0, &[2, 2]).into_iter().zip([1, 2]) {
            let mut writer = slots.writer(claim);
            (0..written).for_each(|i| writer.push(i.to_string()));
        }
        slots.into_vec(4);
    }

    #[test]
    #[should_panic(expected = "a chunk has as many results as positions")]
    fn a_chunk_takes_no_more_results_than_it_has_positions() {
        let slots = Slots::new(Vec::with_capacity(4));
        for claim in claims(0, &[2]) {
            let mut writer = slots.writer(claim);
            (0..3).for_each(|i| writer.push(i));
        }
    }

    #[test]
    fn threads_fill_their_claims_at_once() {
        for capacity in [0, 1_000] {
            let slots = Slots::new(Vec::with_capacity(capacity));
            thread::scope(|scope| {
                for claim in claims(0, &[100; 10]) {
                    scope.spawn(|| {
                        let positions = claim.start()..claim.end();
                        let mut writer = slots.writer(claim);
                        positions.for_each(|i| writer.push(Box::new(i)));
                    });
                }
            });
            assert!(slots.into_vec(1_000).into_iter().map(|i| *i).eq(0..1_000));
        }
    }
}
