//! Memory. The standard library's allocator is made for programs with much of it; this one has a fifth of
//! the code, takes constant time, and users pay for each byte.
//!
//! What is given back is overwritten: tokens pass through texts that are not counted, those that the glue makes
//! of JavaScript's among them, and a text that grows leaves its beginning behind.
#![expect(unsafe_code, reason = "an allocator is written in no other way")]

use std::alloc::{GlobalAlloc, Layout};

use rlsf::SmallGlobalTlsf;

#[global_allocator]
static ALLOCATOR: Overwriting = Overwriting(SmallGlobalTlsf::new());

struct Overwriting(SmallGlobalTlsf);

// SAFETY: it is the inner allocator's memory, and its rules are passed on. `realloc` is the trait's own: it
// asks for another block, copies, and gives the old one back.
unsafe impl GlobalAlloc for Overwriting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives back a whole block, which nothing else looks at any more.
        unsafe {
            block.write_bytes(0, layout.size());
            self.0.dealloc(block, layout);
        }
    }
}
