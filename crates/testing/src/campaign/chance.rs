//! What chance decides, from a seed.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// One source of chance; equal seeds give equal sequences.
#[derive(Debug, Clone)]
pub(super) struct Chance(Pcg64Mcg);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `limit`; 0 if that is 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let wide = u128::from(self.bits()) * limit as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// True so many times in a thousand.
    pub(super) fn permille(&mut self, often: usize) -> bool {
        self.below(1000) < often
    }

    /// One of them; `None` if there are none.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// One of them, those with a greater weight more often; `None` if no weight is above 0.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(usize, T)]) -> Option<T> {
        let all = from.iter().map(|(weight, _)| weight).sum();
        let mut at = self.below(all);
        for (weight, what) in from {
            if at < *weight {
                return Some(*what);
            }
            at -= weight;
        }
        None
    }
}

/// A seed for one of many things, from one for all of them.
pub(super) fn mixed(seed: u64, with: u64) -> u64 {
    // SplitMix64, so that neighbouring numbers have nothing in common.
    let mut z = seed ^ with.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
