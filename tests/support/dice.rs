//! Randomness that a seed decides.

use oorandom::Rand64;

/// A stream of random numbers.
pub(crate) struct Dice(Rand64);

impl Dice {
    /// The stream of this name: other streams do not move it, so that a run from which something was left
    /// out stays much the same.
    pub(crate) fn new(seed: u64, stream: [u64; 3]) -> Self {
        let name = stream.into_iter().fold(mixed(seed), |name, part| {
            mixed(name ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        });
        Self(Rand64::new(u128::from(name)))
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.rand_range(0..end)
    }

    /// From `low`, below `high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low).unwrap())).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap()
    }

    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0.rand_u64().to_le_bytes());
        bytes[8..].copy_from_slice(&self.0.rand_u64().to_le_bytes());
        bytes
    }
}

/// Spreads a number over all bits (the finalizer of SplitMix64).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
