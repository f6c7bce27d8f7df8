//! The core as a text: laid out so that it compresses better than the module itself.
//!
//! In a WebAssembly module opcodes, locals, offsets and constants stand in turns. `pack` lays like with like
//! and writes the whole as printable characters, which no bundler has to escape; under brotli that is a tenth
//! less than the module, where a text of its bytes as they stand is two per cent more. `unpack` gives back the
//! same module, byte for byte. It is a small WebAssembly module itself, because JavaScript that runs for the
//! first time would take longer for it than the page for everything else.

#[cfg(target_arch = "wasm32")]
mod exports;
mod function;
#[cfg(not(target_arch = "wasm32"))]
mod pack;
mod text;
mod unpack;

#[cfg(not(target_arch = "wasm32"))]
pub use self::pack::{Unknown, pack};
pub use self::unpack::unpack;
