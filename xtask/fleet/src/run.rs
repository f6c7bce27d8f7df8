//! One scenario with one kind of client, on virtual time: always on to what happens next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::client::{Fact, Fleet, Kind, Order};
use crate::dice::Dice;
use crate::endpoint::Endpoint;
use crate::fleet::fleet;
use crate::scenario::Scenario;

/// Calls on their way there and back, in milliseconds: from the first to the second and as much again.
const LATENCY: (u64, u64) = (40, 160);
const NEVER: u64 = u64::MAX;

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) scenario: Scenario,
    pub(crate) kind: Kind,
    /// Calls a second, from the beginning.
    pub(crate) calls: Vec<u32>,
    /// Calls that were answered with a 503.
    pub(crate) failed: u64,
    /// How long after the cause was gone no client was without its tokens any more, in milliseconds.
    pub(crate) well_after: Option<u64>,
}

pub(crate) fn run(scenario: Scenario, kind: Kind, clients: u32, seed: u64) -> Outcome {
    let mut world = World::new(scenario, kind, clients, seed);
    while let Some(Reverse(event)) = world.queue.pop() {
        if event.at >= scenario.end() {
            break;
        }
        world.happens(event);
    }
    world.outcome()
}

/// Something is going to happen to a client. What comes first stands first, so that the order in the
/// queue is the order of time, and always the same one.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Event {
    at: u64,
    client: u32,
    what: What,
}

#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum What {
    /// To the client.
    Fact(Fact),
    /// A call reaches the endpoint.
    Call { attempt: u32 },
}

struct World {
    scenario: Scenario,
    kind: Kind,
    fleet: Box<dyn Fleet>,
    endpoint: Endpoint,
    dice: Dice,
    queue: BinaryHeap<Reverse<Event>>,
    /// When each client's timer fires. What the queue says otherwise is out of date.
    timers: Vec<u64>,
    /// Whose last refresh failed, or whose token was revoked.
    is_unwell: Vec<bool>,
    unwell: u32,
    is_revoked: bool,
    /// The first moment after the relief at which all were well.
    all_well: Option<u64>,
    orders: Vec<Order>,
}

impl World {
    fn new(scenario: Scenario, kind: Kind, clients: u32, seed: u64) -> Self {
        let seconds = usize::try_from(scenario.end() / 1_000).unwrap_or(0);
        let mut dice = Dice::new(seed, [0; 3]);
        let mut queue = BinaryHeap::new();
        for client in 0..clients {
            let mut push = |at, fact| {
                let what = What::Fact(fact);
                queue.push(Reverse(Event { at, client, what }));
            };
            push(dice.below(scenario.sign_ins()), Fact::SignedIn);
            if let Some(uses) = scenario.revocation() {
                push(
                    uses.start + dice.below(uses.end - uses.start),
                    Fact::Unauthorized,
                );
            }
        }
        Self {
            scenario,
            kind,
            fleet: fleet(kind, clients),
            endpoint: Endpoint::new(scenario.capacity(clients), scenario.outage(), seconds),
            dice,
            queue,
            timers: vec![NEVER; clients as usize],
            is_unwell: vec![false; clients as usize],
            unwell: 0,
            is_revoked: false,
            all_well: None,
            orders: Vec::new(),
        }
    }

    fn happens(&mut self, Event { at, client, what }: Event) {
        self.revoke(at);
        match what {
            What::Call { attempt } => {
                let is_served = self.endpoint.serves(at);
                let fact = Fact::Answered { attempt, is_served };
                self.travel(at, client, What::Fact(fact));
            }
            What::Fact(fact) => {
                if self.note(at, client, fact) {
                    self.tell(at, client, fact);
                }
            }
        }
    }

    /// The deploy, as soon as it is time.
    fn revoke(&mut self, now: u64) {
        let is_due = self
            .scenario
            .revocation()
            .is_some_and(|uses| uses.start <= now);
        if is_due && !self.is_revoked {
            self.is_revoked = true;
            self.is_unwell.fill(true);
            self.unwell = u32::try_from(self.is_unwell.len()).unwrap_or(u32::MAX);
        }
    }

    /// Keeps the books. Whether the client hears of this fact: timers may be out of date, and a token that
    /// is new gets no 401.
    fn note(&mut self, now: u64, client: u32, fact: Fact) -> bool {
        let is_unwell = &mut self.is_unwell[client as usize];
        match fact {
            Fact::SignedIn => true,
            Fact::TimerFired => {
                let timer = &mut self.timers[client as usize];
                let is_due = *timer == now;
                if is_due {
                    *timer = NEVER;
                }
                is_due
            }
            Fact::Unauthorized => *is_unwell,
            Fact::Answered { is_served, .. } => {
                match (*is_unwell, is_served) {
                    (false, false) => self.unwell += 1,
                    (true, true) => self.unwell -= 1,
                    _ => {}
                }
                *is_unwell = !is_served;
                if self.unwell == 0 && now >= self.scenario.relief() {
                    self.all_well.get_or_insert(now);
                }
                true
            }
        }
    }

    fn tell(&mut self, now: u64, client: u32, fact: Fact) {
        let mut orders = std::mem::take(&mut self.orders);
        self.fleet
            .happens(client, fact, now, &mut self.dice, &mut orders);
        for order in orders.drain(..) {
            match order {
                Order::Refresh { attempt } => self.travel(now, client, What::Call { attempt }),
                Order::Arm(wait) => self.arm(client, wait.map_or(NEVER, |wait| now + wait)),
            }
        }
        self.orders = orders;
    }

    fn arm(&mut self, client: u32, at: u64) {
        self.timers[client as usize] = at;
        if at < self.scenario.end() {
            let what = What::Fact(Fact::TimerFired);
            self.queue.push(Reverse(Event { at, client, what }));
        }
    }

    /// Over the network.
    fn travel(&mut self, now: u64, client: u32, what: What) {
        let (least, more) = LATENCY;
        let at = now + least + self.dice.below(more);
        self.queue.push(Reverse(Event { at, client, what }));
    }

    fn outcome(self) -> Outcome {
        let first = usize::try_from(self.scenario.trouble() / 1_000).unwrap_or(0);
        let relief = self.scenario.relief();
        let (calls, refused) = self.endpoint.into_calls();
        Outcome {
            scenario: self.scenario,
            kind: self.kind,
            failed: refused
                .iter()
                .skip(first)
                .map(|&calls| u64::from(calls))
                .sum(),
            calls,
            well_after: self.all_well.map(|at| at - relief),
        }
    }
}

impl Outcome {
    /// Calls a second since the trouble began.
    pub(crate) fn since_trouble(&self) -> &[u32] {
        let first = usize::try_from(self.scenario.trouble() / 1_000).unwrap_or(0);
        self.calls.get(first..).unwrap_or_default()
    }

    /// In the busiest second.
    pub(crate) fn peak(&self) -> u32 {
        self.since_trouble().iter().copied().max().unwrap_or(0)
    }

    /// A second.
    pub(crate) fn mean(&self) -> f64 {
        let calls = self.since_trouble();
        let sum: u64 = calls.iter().map(|&calls| u64::from(calls)).sum();
        sum as f64 / calls.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, run};
    use crate::client::Kind;
    use crate::scenario::Scenario;

    fn of(scenario: Scenario, kind: Kind) -> Outcome {
        run(scenario, kind, 1_000, 7)
    }

    #[test]
    fn rel_10_jitter_dissolves_a_herd() {
        let jitter = of(Scenario::Day, Kind::Hallpass);
        let none = of(Scenario::Day, Kind::WithoutJitter);
        let last_hour = |outcome: &Outcome| outcome.calls.rchunks(3_600).next().unwrap().to_vec();
        let busiest = |calls: Vec<u32>| calls.into_iter().max().unwrap();
        assert!(jitter.peak() * 2 < none.peak());
        assert!(busiest(last_hour(&jitter)) * 4 < busiest(last_hour(&none)));
        assert_eq!((jitter.failed, none.failed), (0, 0));
    }

    #[test]
    fn rel_10_backoff_keeps_callers_away_from_an_endpoint_that_is_down() {
        let backoff = of(Scenario::Outage, Kind::Hallpass);
        for kind in [Kind::WithoutBackoff, Kind::Plain] {
            let none = of(Scenario::Outage, kind);
            assert!(backoff.failed * 8 < none.failed, "{kind:?}");
            assert!(backoff.peak() * 8 < none.peak(), "{kind:?}");
        }
        assert!(backoff.well_after.unwrap() < 70_000);
    }

    #[test]
    fn rel_10_jitter_brings_a_fleet_back_sooner_after_tokens_were_revoked() {
        let jitter = of(Scenario::Deploy, Kind::Hallpass).well_after.unwrap();
        let none = of(Scenario::Deploy, Kind::WithoutJitter)
            .well_after
            .unwrap();
        assert!(jitter * 2 < none, "{jitter} and {none} ms");
    }

    #[test]
    fn a_run_repeats_exactly() {
        let calls = |seed| run(Scenario::Deploy, Kind::Hallpass, 300, seed).calls;
        assert_eq!(calls(1), calls(1));
        assert_ne!(calls(1), calls(2));
    }
}
