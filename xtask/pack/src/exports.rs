//! What JavaScript calls.

use std::slice;

/// Unpacks the text at `text`, of `length` characters, to the memory right behind it, where twice as much is free.
/// Gives the length of the module; 0 where that is none.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn unpack(text: *mut u8, length: usize) -> usize {
    // SAFETY: the caller has grown the memory by three times the text, for this and nothing else.
    let memory = unsafe { slice::from_raw_parts_mut(text, length * 3) };
    let halves = memory.split_at_mut_checked(length);
    halves
        .and_then(|(text, wasm)| crate::unpack(text, wasm))
        .unwrap_or(0)
}
