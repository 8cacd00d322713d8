//! The primitives that the unsafe files are built on: those of `std`, or those of loom when the
//! models of this crate run. A crate that depends on this one and runs its own models gets `std`'s.

use std::sync::{PoisonError, TryLockError};

#[cfg(all(test, loom))]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread, thread_local,
};

#[cfg(not(all(test, loom)))]
pub(crate) use self::cell::UnsafeCell;
#[cfg(not(all(test, loom)))]
pub(crate) use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread, thread_local,
};

#[cfg(not(all(test, loom)))]
mod cell {
    /// `std`'s cell with loom's interface.
    #[repr(transparent)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        #[inline]
        pub(crate) fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
            access(self.0.get())
        }
    }
}

/// Locks `mutex`, poisoned or not. What the locks of this crate guard is consistent whenever user
/// code can unwind.
#[inline]
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks `mutex`. If another thread holds it for long, calls `yield_thread` before each further
/// try.
pub(crate) fn lock_yielding<T: ?Sized>(
    mutex: &Mutex<T>,
    yield_thread: impl Fn(),
) -> MutexGuard<'_, T> {
    /// Tries before the thread yields the processor: some microseconds.
    const SPINS: usize = 100;
    /// Tries that yield the processor to other threads, such as a holder that was interrupted.
    /// `yield_thread` comes after them: it costs more, the more threads a pool has.
    const YIELDS: usize = 200;
    let mut tries = 0;
    loop {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if tries < SPINS => std::hint::spin_loop(),
            Err(TryLockError::WouldBlock) if tries < SPINS + YIELDS => thread::yield_now(),
            Err(TryLockError::WouldBlock) => yield_thread(),
        }
        tries += 1;
    }
}

/// Returns what `mutex` guards.
#[inline]
pub(crate) fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a value alone on its cache lines. Processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);
