//! What each panel shows, and what its title says about it.

use crate::chart::Panel;
use crate::client::Kind;
use crate::run::Outcome;
use crate::scenario::Scenario;
use crate::table;

/// From top to bottom.
pub(crate) fn of(clients: u32, outcomes: &[Outcome]) -> [Panel; 3] {
    let all = Runs { clients, outcomes };
    [all.day(), all.outage(), all.deploy()]
}

struct Runs<'a> {
    clients: u32,
    outcomes: &'a [Outcome],
}

impl Runs<'_> {
    fn day(&self) -> Panel {
        let lines = self.lines(Scenario::Day, |outcome| {
            let hours = outcome.calls.chunks(3_600);
            hours
                .enumerate()
                .map(|(hour, calls)| (hour as f64 + 1.0, highest(calls)))
                .collect()
        });
        Panel {
            title: format!(
                "{} sign in at nine. Jitter dissolves the herd: {} refreshes a second, not {}",
                table::grouped(u64::from(self.clients)),
                self.peak(Kind::Hallpass),
                self.peak(Kind::WithoutJitter),
            ),
            x_label: "hours after nine",
            y_label: "busiest second of the hour",
            x: 0.0..24.0,
            y: 0.0..top(&lines),
            is_logarithmic: false,
            shade: None,
            limit: None,
            lines,
        }
    }

    fn outage(&self) -> Panel {
        let down = Scenario::Outage.outage();
        let minutes = (down.end - down.start) as f64 / 60_000.0;
        let mut panel = self.minutes(Scenario::Outage, -2, 14);
        panel.title = format!(
            "The endpoint is down for ten minutes. Backoff: {} failed calls, not {}",
            self.failed(Kind::Hallpass),
            self.failed(Kind::WithoutBackoff),
        );
        panel.x_label = "minutes after it went down";
        panel.shade = Some(0.0..minutes);
        panel
    }

    fn deploy(&self) -> Panel {
        let mut panel = self.minutes(Scenario::Deploy, -1, 9);
        panel.x_label = "minutes after the deploy";
        panel.title = format!(
            "A deploy revokes all tokens. Jitter: all are back after {}, not {}",
            self.well(Kind::Hallpass),
            self.well(Kind::WithoutJitter),
        );
        panel
    }

    /// Calls a second from `first` to `last`, in minutes after the trouble began.
    fn minutes(&self, scenario: Scenario, first: i32, last: i32) -> Panel {
        let begin = scenario.trouble() as f64 / 60_000.0;
        let floor = f64::from(self.clients) / 10_000.0;
        let lines = self.lines(scenario, |outcome| {
            // No more points than can be seen: the busiest of every two seconds.
            outcome
                .calls
                .chunks(2)
                .enumerate()
                .map(|(pair, calls)| (pair as f64 / 30.0 - begin, highest(calls).max(floor)))
                .filter(|(minute, _)| (f64::from(first)..f64::from(last)).contains(minute))
                .collect()
        });
        Panel {
            title: String::new(),
            x_label: "",
            y_label: "calls a second",
            x: f64::from(first)..f64::from(last),
            y: floor..top(&lines),
            is_logarithmic: true,
            shade: None,
            limit: Some(f64::from(scenario.capacity(self.clients))),
            lines,
        }
    }

    fn lines(
        &self,
        scenario: Scenario,
        points: impl Fn(&Outcome) -> Vec<(f64, f64)>,
    ) -> Vec<(Kind, Vec<(f64, f64)>)> {
        let wanted = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.scenario == scenario);
        wanted
            .map(|outcome| (outcome.kind, points(outcome)))
            .collect()
    }

    fn peak(&self, kind: Kind) -> String {
        self.of(Scenario::Day, kind)
            .map_or_else(String::new, |outcome| {
                table::grouped(u64::from(outcome.peak()))
            })
    }

    fn failed(&self, kind: Kind) -> String {
        self.of(Scenario::Outage, kind)
            .map_or_else(String::new, |outcome| table::grouped(outcome.failed))
    }

    fn well(&self, kind: Kind) -> String {
        self.of(Scenario::Deploy, kind)
            .map_or_else(String::new, table::well)
    }

    fn of(&self, scenario: Scenario, kind: Kind) -> Option<&Outcome> {
        let mut outcomes = self.outcomes.iter();
        outcomes.find(|outcome| outcome.scenario == scenario && outcome.kind == kind)
    }
}

fn highest(calls: &[u32]) -> f64 {
    f64::from(calls.iter().copied().max().unwrap_or(0))
}

/// A little above the highest point.
fn top(lines: &[(Kind, Vec<(f64, f64)>)]) -> f64 {
    let points = lines.iter().flat_map(|(_, points)| points);
    points.map(|(_, y)| *y).fold(1.0, f64::max) * 1.15
}
