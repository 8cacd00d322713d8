//! The allocator of this process: the system's, or mimalloc where the environment says so.
//!
//! A program has one global allocator, and the rows of a run need two. A second program would need
//! a second bench, whose path cargo does not tell the first. So this one forwards to the allocator
//! that the parent chose for the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::env;
use std::sync::atomic::{AtomicU8, Ordering};

use mimalloc::MiMalloc;

#[derive(Clone, Copy)]
pub(crate) enum Allocator {
    System,
    MiMalloc,
}

impl Allocator {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System if cfg!(target_env = "gnu") => "glibc",
            Self::System => "system",
            Self::MiMalloc => "mimalloc",
        }
    }
}

/// The variable of the environment that holds the [`Allocator::name`] of a process.
pub(crate) const VARIABLE: &str = "COMPARE_ALLOCATOR";

struct Chosen;

#[global_allocator]
static CHOSEN: Chosen = Chosen;

const UNKNOWN: u8 = 0;
const SYSTEM: u8 = 1;
const MIMALLOC: u8 = 2;

static CHOICE: AtomicU8 = AtomicU8::new(UNKNOWN);

fn chosen() -> &'static dyn GlobalAlloc {
    match CHOICE.load(Ordering::Relaxed) {
        UNKNOWN => choose(),
        MIMALLOC => &MiMalloc,
        _ => &System,
    }
}

/// Chooses at the first allocation of the process. It comes before `main`, from the only thread.
#[cold]
fn choose() -> &'static dyn GlobalAlloc {
    // `var_os` allocates. Its memory comes from the system, and is released before the choice.
    CHOICE.store(SYSTEM, Ordering::Relaxed);
    let is_mimalloc = env::var_os(VARIABLE).is_some_and(|name| name == Allocator::MiMalloc.name());
    if is_mimalloc {
        CHOICE.store(MIMALLOC, Ordering::Relaxed);
    }
    chosen()
}

// SAFETY: after the first allocation, the choice stays. So memory returns to the allocator that it
// comes from, and that one keeps the contract.
unsafe impl GlobalAlloc for Chosen {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the same contract.
        unsafe { chosen().alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the same contract.
        unsafe { chosen().alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the same contract.
        unsafe { chosen().realloc(memory, layout, new_size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the same contract.
        unsafe { chosen().dealloc(memory, layout) }
    }
}
