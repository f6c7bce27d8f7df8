//! Takes a module apart.

use std::fmt;

use crate::function::{self, AFTER, BEFORE, Copy, DECLARATIONS, PARTS};
use crate::text::{self, LENGTH};

/// The sections before this one have numbers below.
const CODE_SECTION: u8 = 10;
const HEADER: usize = 8;
/// The size of a function has two bytes of seven bits at most.
const LONGEST: usize = 0x3fff;

/// The module is damaged, holds an instruction that is newer than the first WebAssembly, or a function of more than 16 KiB.
#[derive(Debug)]
pub struct Unknown {
    /// In which of its functions.
    pub function: usize,
}

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "cannot pack the module: function {} is too long, or newer than the first WebAssembly",
            self.function
        )
    }
}

impl std::error::Error for Unknown {}

/// The module as a text, which `unpack` reads: the lengths of all parts, then they.
pub fn pack(wasm: &[u8]) -> Result<String, Unknown> {
    let mut taker = Taker {
        wasm,
        at: HEADER,
        parts: vec![Vec::new(); PARTS],
    };
    let mut function = 0;
    taker.all(&mut function).ok_or(Unknown { function })?;
    let lengths = taker
        .parts
        .iter()
        .flat_map(|part| part.len().to_le_bytes().into_iter().take(LENGTH));
    let bytes: Vec<u8> = lengths
        .chain(taker.parts.iter().flatten().copied())
        .collect();
    Ok(text::write(&bytes))
}

struct Taker<'a> {
    wasm: &'a [u8],
    at: usize,
    parts: Vec<Vec<u8>>,
}

impl Taker<'_> {
    fn all(&mut self, function: &mut usize) -> Option<()> {
        loop {
            let section = *self.wasm.get(self.at)?;
            self.at += 1;
            if section == CODE_SECTION {
                break;
            }
            let size = self.skip_number()?;
            self.at += size;
        }
        let size = self.skip_number()?;
        self.parts[BEFORE] = self.wasm.get(..self.at)?.to_vec();
        self.parts[AFTER] = self.wasm.get(self.at + size..)?.to_vec();
        for number in 0..self.number(DECLARATIONS)? {
            *function = number as usize;
            let size = self.skip_number()?;
            let end = self.at + size;
            function::copy_function(self)?;
            if self.at != end || size > LONGEST {
                return None;
            }
        }
        Some(())
    }

    fn skip_number(&mut self) -> Option<usize> {
        let (value, length) = number(self.wasm.get(self.at..)?)?;
        self.at += length;
        Some(value)
    }
}

impl Copy for Taker<'_> {
    fn byte(&mut self, part: usize) -> Option<u8> {
        let byte = *self.wasm.get(self.at)?;
        self.at += 1;
        self.parts.get_mut(part)?.push(byte);
        Some(byte)
    }

    fn next_opcode(&self) -> Option<u8> {
        let (_, length) = number(self.wasm.get(self.at..)?)?;
        self.wasm.get(self.at + length).copied()
    }
}

/// A number in LEB128, and of how many bytes it is.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    let last = bytes.iter().position(|byte| *byte < 0x80)?;
    let bits = bytes[..=last].iter().rev();
    let value = bits.fold(0_usize, |value, byte| value << 7 | usize::from(byte & 0x7f));
    Some((value, last + 1))
}
