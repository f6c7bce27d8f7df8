//! Puts a module together again.

use crate::function::{self, AFTER, BEFORE, CODE, Copy, DECLARATIONS, PARTS};
use crate::text::{self, LENGTH};

/// Of so many bytes is the size of a function, at most.
const SIZE: usize = 2;

/// Writes the module of this text to `wasm`, and gives its length. The text does not outlive it.
///
/// Only the sizes of functions come to what is in the text, and none is longer than what it is the size of: twice
/// the text is room enough. `None` where there is less, and for a text that `pack` did not write.
pub fn unpack(text: &mut [u8], wasm: &mut [u8]) -> Option<usize> {
    let parts = text::read(text)?;
    let mut putter = Putter {
        parts,
        reached: [0; PARTS],
        wasm,
        end: 0,
    };
    let mut start = PARTS * LENGTH;
    for (part, reached) in putter.reached.iter_mut().enumerate() {
        *reached = start;
        start = start.wrapping_add(length(parts, part)?);
    }
    putter.bytes(BEFORE, length(parts, BEFORE)?)?;
    for _ in 0..putter.number(DECLARATIONS)? {
        let start = putter.end;
        putter.end = start.wrapping_add(SIZE);
        function::copy_function(&mut putter)?;
        putter.put_size(start)?;
    }
    putter.bytes(AFTER, length(parts, AFTER)?)?;
    Some(putter.end)
}

fn length(parts: &[u8], part: usize) -> Option<usize> {
    let [low, middle, high] = *parts.get(part * LENGTH..)?.first_chunk()?;
    Some(u32::from_le_bytes([low, middle, high, 0]) as usize)
}

struct Putter<'a> {
    parts: &'a [u8],
    /// How far it is in each.
    reached: [usize; PARTS],
    wasm: &'a mut [u8],
    end: usize,
}

impl Putter<'_> {
    /// Writes to `start` how long the function behind it is, in LEB128. Most are of two bytes there; shorter ones
    /// move up.
    fn put_size(&mut self, start: usize) -> Option<()> {
        let function = self.wasm.get_mut(start..self.end)?;
        let size = function.len().wrapping_sub(SIZE);
        let (low, high) = (size as u8 & 0x7f, size >> 7);
        if high == 0 {
            for at in SIZE..function.len() {
                *function.get_mut(at.wrapping_sub(1))? = *function.get(at)?;
            }
            *function.first_mut()? = low;
            self.end = self.end.wrapping_sub(1);
        } else {
            *function.first_mut()? = low | 0x80;
            *function.get_mut(1)? = high as u8;
        }
        Some(())
    }
}

impl Copy for Putter<'_> {
    fn byte(&mut self, part: usize) -> Option<u8> {
        let reached = self.reached.get_mut(part)?;
        let byte = *self.parts.get(*reached)?;
        *reached = reached.wrapping_add(1);
        *self.wasm.get_mut(self.end)? = byte;
        self.end = self.end.wrapping_add(1);
        Some(byte)
    }

    fn next_opcode(&self) -> Option<u8> {
        self.parts.get(*self.reached.get(CODE)?).copied()
    }
}
