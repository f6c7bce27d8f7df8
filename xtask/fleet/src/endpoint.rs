//! The token endpoint: it answers so many calls a second, and 503 to the others.

use std::ops::Range;

pub(crate) struct Endpoint {
    /// Calls a second that it can serve.
    capacity: u32,
    /// When it serves no client, in milliseconds.
    outage: Range<u64>,
    /// Calls in each second, the refused ones included.
    calls: Vec<u32>,
    /// Refused ones in each second.
    refused: Vec<u32>,
}

impl Endpoint {
    pub(crate) fn new(capacity: u32, outage: Range<u64>, seconds: usize) -> Self {
        Self {
            capacity,
            outage,
            calls: vec![0; seconds],
            refused: vec![0; seconds],
        }
    }

    /// One call at `now`; whether it is answered with tokens.
    pub(crate) fn serves(&mut self, now: u64) -> bool {
        let second = usize::try_from(now / 1_000).unwrap_or(usize::MAX);
        let (Some(calls), Some(refused)) =
            (self.calls.get_mut(second), self.refused.get_mut(second))
        else {
            return false;
        };
        let is_served = !self.outage.contains(&now) && *calls - *refused < self.capacity;
        *calls += 1;
        *refused += u32::from(!is_served);
        is_served
    }

    /// Calls in each second.
    pub(crate) fn into_calls(self) -> (Vec<u32>, Vec<u32>) {
        (self.calls, self.refused)
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn beyond_its_capacity_and_in_an_outage_it_refuses() {
        let mut endpoint = Endpoint::new(2, 2_000..3_000, 4);
        let answers = [0, 500, 999, 1_000, 2_000, 2_999, 3_000].map(|now| endpoint.serves(now));
        assert_eq!(answers, [true, true, false, true, false, false, true]);
        assert_eq!(endpoint.into_calls(), (vec![3, 1, 2, 1], vec![1, 0, 2, 0]));
    }
}
