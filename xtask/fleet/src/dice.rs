//! Randomness from a seed: the same seed, the same run.

/// SplitMix64 (Steele, Lea and Flood 2014): small, fast, and good enough for dice.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, but not including, `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// What the core gets with every event.
    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        let halves = [self.next(), self.next()].map(u64::to_le_bytes);
        std::array::from_fn(|index| halves[index / 8][index % 8])
    }
}
