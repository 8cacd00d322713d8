//! The primitives that the unsafe files are built on: those of `std`, or loom's when our own models
//! run. Those of somebody who depends on us have nothing to see in here.

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

/// Locks `mutex`, poisoned or not: what our locks guard is whole again before user code can unwind.
#[inline]
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Locks `mutex`; if somebody else has it for long, gives way again and again.
pub(crate) fn lock_yielding<T: ?Sized>(
    mutex: &Mutex<T>,
    yield_lock: impl Fn(),
) -> MutexGuard<'_, T> {
    /// Tries without leaving the processor: some microseconds.
    const SPINS: usize = 100;
    /// Tries that leave it to whoever else can run, such as a holder that was interrupted. To give
    /// way costs more, the more threads a pool has.
    const YIELDS: usize = 200;
    let mut tries = 0;
    loop {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if tries < SPINS => std::hint::spin_loop(),
            Err(TryLockError::WouldBlock) if tries < SPINS + YIELDS => thread::yield_now(),
            Err(TryLockError::WouldBlock) => yield_lock(),
        }
        tries += 1;
    }
}

/// What `mutex` guards.
#[inline]
pub(crate) fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Alone on its cache lines, of which processors fetch two at a time.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);
