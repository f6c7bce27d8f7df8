//! Strings that are not to be read by accident.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A token, a state or another secret: `Debug` hides it, dropping it overwrites it, comparing it takes
/// the same time wherever the first difference is.
///
/// In the browser the allocator overwrites all that is given back. What crossed into JavaScript stays until
/// its garbage collector comes by (SECURITY.md).
///
/// ```
/// # use hallpass::secret::Secret;
/// let token = Secret::from("eyJhbGciOiJub25lIn0.e30.");
/// assert_eq!(format!("{token:?}"), "[redacted]");
/// ```
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself. The caller answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Overwrites what functions that have returned left on the stack. For after code of others that keeps a secret
/// in an array.
#[inline(never)]
pub fn wipe_stack() {
    let mut left = [0_u64; 256];
    left.zeroize();
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

// In the browser the allocator does it, at once for the whole block.
#[cfg(not(target_arch = "wasm32"))]
impl Drop for Secret {
    // Once in the code and not once for each place where a secret goes: users pay for each byte.
    #[inline(never)]
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_40_debug_shows_nothing() {
        let secret = Secret::from("canary");
        assert_eq!(
            format!("{secret:?} {:#?}", Some(&secret)),
            "[redacted] Some(\n    [redacted],\n)"
        );
    }

    #[test]
    fn compares_by_content() {
        assert_eq!(Secret::from("a"), Secret::from("a"));
        assert_ne!(Secret::from("a"), Secret::from("b"));
        assert_ne!(Secret::from("a"), Secret::from("aa"));
    }
}
