//! The sign-ins under way whose answers count: no sign-out, and no later sign-in, came in between.

use crate::event::WaiterId;

#[derive(Clone, Debug, Default)]
pub(super) struct SignIns(Vec<SignIn>);

#[derive(Clone, Debug)]
struct SignIn {
    waiter: WaiterId,
    exchanges: bool,
}

impl SignIns {
    /// A sign-in begins; `exchanges`: with a code, so that it is not known whether a user is here until that has ended.
    pub(super) fn begin(&mut self, waiter: WaiterId, exchanges: bool) {
        self.0.push(SignIn { waiter, exchanges });
    }

    /// The sign-ins whose code is being exchanged.
    pub(super) fn exchanging(&self) -> Vec<WaiterId> {
        let exchanging = self.0.iter().filter(|sign_in| sign_in.exchanges);
        exchanging.map(|sign_in| sign_in.waiter).collect()
    }

    /// Whether any code is being exchanged.
    pub(super) fn is_exchanging(&self) -> bool {
        self.0.iter().any(|sign_in| sign_in.exchanges)
    }

    /// The code was exchanged: what it brought is still to be judged.
    pub(super) fn exchanged(&mut self, waiter: WaiterId) {
        for sign_in in &mut self.0 {
            sign_in.exchanges &= sign_in.waiter != waiter;
        }
    }

    /// Whether what it brings still counts.
    pub(super) fn counts(&self, waiter: WaiterId) -> bool {
        self.0.iter().any(|sign_in| sign_in.waiter == waiter)
    }

    /// It has ended. Returns whether it still counted.
    pub(super) fn finish(&mut self, waiter: WaiterId) -> bool {
        let counted = self.counts(waiter);
        self.0.retain(|sign_in| sign_in.waiter != waiter);
        counted
    }

    /// What these bring counts no more; returns them.
    pub(super) fn void(&mut self, is_void: impl Fn(WaiterId) -> bool) -> Vec<WaiterId> {
        let voided = self.0.extract_if(.., |sign_in| is_void(sign_in.waiter));
        voided.map(|sign_in| sign_in.waiter).collect()
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
            sign_ins.begin(waiter, false);
        }
        assert_eq!(sign_ins.void(|waiter| waiter < two), [one]);
        assert!(!sign_ins.counts(one) && !sign_ins.finish(one));
        assert!(sign_ins.finish(two) && !sign_ins.finish(two));
        assert!(sign_ins.counts(three));
    }

    #[test]
    fn an_exchange_ends_with_its_answer_or_with_its_sign_in() {
        let [plain, one, two] = [1, 2, 3].map(WaiterId);
        let mut sign_ins = SignIns::default();
        sign_ins.begin(plain, false);
        assert!(!sign_ins.is_exchanging());
        sign_ins.begin(one, true);
        sign_ins.begin(two, true);
        sign_ins.exchanged(one);
        assert!(sign_ins.exchanging() == [two] && sign_ins.is_exchanging());
        assert!(sign_ins.counts(one));
        sign_ins.void(|waiter| waiter == two);
        assert!(sign_ins.exchanging().is_empty() && !sign_ins.is_exchanging());
    }
}
