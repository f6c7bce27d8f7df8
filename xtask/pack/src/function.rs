//! How a function is written (WebAssembly core specification, chapter 5.4), as far as it takes to tell what
//! each number in it is.

/// Opcodes, and the numbers that stay with them: what is called, how memory is aligned.
pub(crate) const CODE: usize = 0;
/// How many functions there are, and how many locals of which type each has.
pub(crate) const DECLARATIONS: usize = 1;
/// The types of blocks.
const BLOCKS: usize = 2;
/// How far branches go.
const LABELS: usize = 3;
const TABLES: usize = 4;
/// Offsets in memory.
const LOADS: usize = 5;
const STORES: usize = 6;
/// Constants of 64 bits, and floats.
const LONG: usize = 7;
/// What stands before the functions, and after them.
pub(crate) const BEFORE: usize = 8;
pub(crate) const AFTER: usize = 9;
/// Locals: one part for each of their three opcodes.
const LOCALS: usize = 10;
/// Constants of 32 bits: one part for each opcode that may come next, for it says what kind of number they are.
const CONSTANTS: usize = LOCALS + 3;

/// So many opcodes the first WebAssembly has.
const OPCODES: usize = 0xc0;

/// So many parts there are.
pub(crate) const PARTS: usize = CONSTANTS + OPCODES;

/// Copies from where the code is to where it shall be. `None`: there is no more of it.
pub(crate) trait Copy {
    /// One byte of this part.
    fn byte(&mut self, part: usize) -> Option<u8>;

    /// So many bytes of this part.
    fn bytes(&mut self, part: usize, count: usize) -> Option<()> {
        for _ in 0..count {
            self.byte(part)?;
        }
        Some(())
    }

    /// The opcode after the number that is copied next.
    fn next_opcode(&self) -> Option<u8>;

    /// One number in LEB128, and its value.
    fn number(&mut self, part: usize) -> Option<u32> {
        let mut value = 0;
        let mut shift = 0_u32;
        loop {
            let byte = self.byte(part)?;
            value |= u32::from(byte & 0x7f).wrapping_shl(shift);
            if byte < 0x80 {
                return Some(value);
            }
            shift = shift.wrapping_add(7);
        }
    }
}

/// Copies one function, all but its size.
pub(crate) fn copy_function(copier: &mut impl Copy) -> Option<()> {
    for _ in 0..copier.number(DECLARATIONS)? {
        copier.number(DECLARATIONS)?;
        copier.byte(DECLARATIONS)?;
    }
    let mut depth = 1_u32;
    while depth > 0 {
        let opcode = copier.byte(CODE)?;
        let part = match opcode {
            // block, loop, if
            0x02..=0x04 => {
                depth = depth.wrapping_add(1);
                BLOCKS
            }
            // end
            0x0b => {
                depth = depth.wrapping_sub(1);
                continue;
            }
            // br, br_if
            0x0c | 0x0d => LABELS,
            // br_table: one label more than it says
            0x0e => {
                for _ in 0..copier.number(TABLES)? {
                    copier.number(TABLES)?;
                }
                TABLES
            }
            // call, call_indirect, global.get, global.set, all loads and stores, memory.size, memory.grow
            0x10 | 0x11 | 0x23 | 0x24 | 0x28..=0x40 => CODE,
            // local.get, local.set, local.tee
            0x20..=0x22 => LOCALS.wrapping_add(usize::from(opcode & 3)),
            // i32.const
            0x41 => CONSTANTS.wrapping_add(usize::from(copier.next_opcode()?)),
            // i64.const
            0x42 => LONG,
            // f32.const
            0x43 => {
                copier.bytes(LONG, 4)?;
                continue;
            }
            // f64.const
            0x44 => {
                copier.bytes(LONG, 8)?;
                continue;
            }
            // Newer ones.
            0xc0.. => return None,
            // Everything else in the first WebAssembly stands alone.
            _ => continue,
        };
        copier.number(part)?;
        let second = match opcode {
            // call_indirect
            0x11 => CODE,
            // i32.load to i64.load32_u
            0x28..=0x35 => LOADS,
            // i32.store to i64.store32
            0x36..=0x3e => STORES,
            _ => continue,
        };
        copier.number(second)?;
    }
    Some(())
}
