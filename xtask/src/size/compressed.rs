//! Bytes, as a server would send them.

use std::io::Write;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// How many bytes there are, plain and compressed.
pub(super) struct Sizes {
    pub(super) raw: usize,
    pub(super) gzip: usize,
    pub(super) brotli: usize,
}

impl Sizes {
    /// Compresses as hard as it goes, as one does for files that are served often.
    pub(super) fn of(bytes: &[u8]) -> Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(bytes)?;
        let mut brotli = Vec::new();
        let settings = BrotliEncoderParams {
            quality: 11,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &*bytes, &mut brotli, &settings)?;
        Ok(Self {
            raw: bytes.len(),
            gzip: gzip.finish()?.len(),
            brotli: brotli.len(),
        })
    }
}

impl Sizes {
    /// Two files, each compressed by itself.
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            raw: self.raw.saturating_add(other.raw),
            gzip: self.gzip.saturating_add(other.gzip),
            brotli: self.brotli.saturating_add(other.brotli),
        }
    }

    /// How much larger this one is.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self {
            raw: self.raw.saturating_sub(other.raw),
            gzip: self.gzip.saturating_sub(other.gzip),
            brotli: self.brotli.saturating_sub(other.brotli),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sizes;

    #[test]
    fn measures_all_three() {
        let sizes = Sizes::of(&b"hallpass ".repeat(500)).unwrap();
        assert_eq!(sizes.raw, 4500);
        assert!(sizes.gzip < 100, "{}", sizes.gzip);
        assert!(sizes.brotli < 40, "{}", sizes.brotli);
    }
}
