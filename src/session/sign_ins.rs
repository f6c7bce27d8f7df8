//! The sign-ins under way whose answers count.

use crate::event::WaiterId;

/// No sign-out, and no later sign-in, came in between.
#[derive(Clone, Debug, Default)]
pub(super) struct SignIns(Vec<WaiterId>);

impl SignIns {
    /// A sign-in begins.
    pub(super) fn begin(&mut self, waiter: WaiterId) {
        self.0.push(waiter);
    }

    /// Whether what it brings still counts.
    pub(super) fn counts(&self, waiter: WaiterId) -> bool {
        self.0.contains(&waiter)
    }

    /// It has ended. Returns whether it still counted.
    pub(super) fn finish(&mut self, waiter: WaiterId) -> bool {
        let counted = self.counts(waiter);
        self.0.retain(|other| *other != waiter);
        counted
    }

    /// What these bring counts no more; returns them.
    pub(super) fn void(&mut self, is_void: impl Fn(WaiterId) -> bool) -> Vec<WaiterId> {
        self.0.extract_if(.., |waiter| is_void(*waiter)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_voided_or_has_ended_counts_no_more() {
        let mut sign_ins = SignIns::default();
        let [one, two, three] = [1, 2, 3].map(WaiterId);
        for waiter in [one, two, three] {
            sign_ins.begin(waiter);
        }
        assert_eq!(sign_ins.void(|waiter| waiter < two), [one]);
        assert!(!sign_ins.counts(one) && !sign_ins.finish(one));
        assert!(sign_ins.finish(two) && !sign_ins.finish(two));
        assert!(sign_ins.counts(three));
    }
}
