//! The primitives that the unsafe files are built on: those of `std`, or those of loom when the
//! models of this crate run. A crate that depends on this one and runs its own models gets `std`'s.

use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

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

/// Locks `mutex`, poisoned or not. The data behind the locks of this crate is consistent whenever
/// user code can unwind.
#[inline]
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks `mutex`, poisoned or not. Gives up if another thread holds it for longer than `patience`,
/// but not within the first microseconds.
pub(crate) fn lock_within<T: ?Sized>(
    mutex: &Mutex<T>,
    patience: Duration,
) -> Option<MutexGuard<'_, T>> {
    /// Tries before the thread yields the processor: some microseconds.
    const SPINS: usize = 100;
    /// The time for which the thread yields the processor before each further try, so that a holder
    /// that was interrupted goes on. On a busy machine, it yields once for milliseconds.
    const YIELDING: Duration = Duration::from_micros(100);
    /// The time that the thread sleeps before each further try.
    const SLEEP: Duration = Duration::from_micros(20);
    for _ in 0..SPINS {
        if let Some(guard) = try_lock(mutex) {
            return Some(guard);
        }
        std::hint::spin_loop();
    }
    let begun = Instant::now();
    while begun.elapsed() < YIELDING {
        if let Some(guard) = try_lock(mutex) {
            return Some(guard);
        }
        thread::yield_now();
    }
    while begun.elapsed() < patience {
        std::thread::sleep(SLEEP);
        if let Some(guard) = try_lock(mutex) {
            return Some(guard);
        }
    }
    try_lock(mutex)
}

/// Locks `mutex`, poisoned or not, unless another thread holds it.
fn try_lock<T: ?Sized>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Takes the value out of `mutex`, poisoned or not.
#[inline]
pub(crate) fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a value alone on its cache lines. Processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);
