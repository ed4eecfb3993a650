//! Counts what the current thread allocates: a bound on memory that no clock and no other test moves.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[derive(Clone, Copy, Debug, Default)]
pub struct Allocated {
    /// Bytes that were held at one time, at most.
    pub peak: usize,
    /// Bytes that were asked for in all.
    pub sum: usize,
}

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static SUM: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn note(change: isize) {
    // A thread that ends has no counters any more.
    _ = HELD.try_with(|held| {
        held.set(held.get() + change);
        _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
    if change > 0 {
        _ = SUM.try_with(|sum| sum.set(sum.get() + change.unsigned_abs()));
    }
}

// SAFETY: everything is the system's own; only the sizes are noted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        note(-(layout.size() as isize));
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new may be there at one time.
        note(size as isize);
        note(-(layout.size() as isize));
        unsafe { System.realloc(place, layout, size) }
    }
}

/// What this does, and what it allocates on its way beyond what was there before.
pub fn allocated<T>(act: impl FnOnce() -> T) -> (T, Allocated) {
    let before = HELD.get();
    PEAK.set(before);
    SUM.set(0);
    let done = act();
    (done, Allocated { peak: (PEAK.get() - before).unsigned_abs(), sum: SUM.get() })
}
