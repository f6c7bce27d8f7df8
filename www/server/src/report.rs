//! What the operator gets to see.

use std::io::{self, Write};

/// Writes one line to stderr. Unlike `eprintln!` it survives a closed stderr.
pub fn report(line: &str) {
    let _ = writeln!(io::stderr(), "hallpass-server: {line}");
}
