//! What came of the test suites.

use std::panic;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process;

/// How much of the suites runs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Extent {
    /// The main road.
    Quick,
    /// Every test.
    #[default]
    Full,
    /// More seeds, more rounds.
    Long,
}

impl Extent {
    /// The suite's own runner leaves out what is not meant.
    fn tell(self, command: &mut Command) {
        match self {
            Self::Quick => command.env("HALLPASS_QUICK", "1"),
            Self::Full => command,
            Self::Long => command.env("HALLPASS_LONG", "1"),
        };
    }
}

/// The outcome of all suites that ran.
#[derive(Default)]
pub(crate) struct Report {
    extent: Extent,
    suites: Vec<Suite>,
}

struct Suite {
    name: String,
    succeeded: bool,
    totals: Totals,
    took: Duration,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Totals {
    passed: u64,
    failed: u64,
}

impl Report {
    /// An empty report of suites that run so far.
    pub(crate) fn new(extent: Extent) -> Self {
        Self {
            extent,
            suites: Vec::new(),
        }
    }

    /// Runs a suite and notes what came of it.
    pub(crate) fn add(&mut self, name: &str, command: &mut Command) -> Result<()> {
        self.extent.tell(command);
        let start = Instant::now();
        let (succeeded, output) = process::tee(command)?;
        self.suites
            .push(Suite::new(name, succeeded, &output, start.elapsed()));
        Ok(())
    }

    /// Runs suites side by side, shows what each printed when it has ended, and notes what came of them.
    pub(crate) fn add_side_by_side(&mut self, suites: Vec<(String, Command)>) -> Result<()> {
        let extent = self.extent;
        let ended = thread::scope(|scope| {
            let running: Vec<_> = suites
                .into_iter()
                .map(|(name, mut command)| {
                    extent.tell(&mut command);
                    scope.spawn(move || {
                        let start = Instant::now();
                        let (succeeded, output) = process::hold_back(&mut command)?;
                        println!("{output}");
                        Ok(Suite::new(&name, succeeded, &output, start.elapsed()))
                    })
                })
                .collect();
            running
                .into_iter()
                .map(|suite| {
                    suite
                        .join()
                        .unwrap_or_else(|panic| panic::resume_unwind(panic))
                })
                .collect::<Result<Vec<_>>>()
        })?;
        self.suites.extend(ended);
        Ok(())
    }

    /// Prints one line per suite and fails if any suite did.
    pub(crate) fn conclude(&self) -> Result<()> {
        println!();
        for suite in &self.suites {
            println!("{}", suite.describe());
        }
        let failed = self.suites.iter().filter(|suite| suite.is_bad()).count();
        if failed > 0 {
            bail!("{failed} of {} suites failed", self.suites.len());
        }
        Ok(())
    }
}

impl Suite {
    fn new(name: &str, succeeded: bool, output: &str, took: Duration) -> Self {
        Self {
            name: name.to_owned(),
            succeeded,
            totals: Totals::read(output),
            took,
        }
    }

    /// A suite that ran no test is bad too: it would stay green whatever breaks.
    fn is_bad(&self) -> bool {
        !self.succeeded || self.totals.failed > 0 || self.totals.passed == 0
    }

    fn describe(&self) -> String {
        let Totals { passed, failed } = self.totals;
        let remark = match (self.succeeded, passed, failed) {
            (false, _, 0) => "  <- ended with an error, see above",
            (true, 0, 0) => "  <- ran no test",
            (_, _, 0) => "",
            _ => "  <- see above",
        };
        let seconds = self.took.as_secs();
        format!(
            "{:<20} {passed} passed, {failed} failed in {seconds} s{remark}",
            self.name
        )
    }
}

impl Totals {
    /// Adds up the summaries that cargo, node and vitest print.
    fn read(output: &str) -> Self {
        let mut totals = Self::default();
        for line in output.lines() {
            let (passed, failed) = summary(line);
            totals.passed = totals.passed.saturating_add(passed);
            totals.failed = totals.failed.saturating_add(failed);
        }
        totals
    }
}

/// The tests that passed and failed, if this line is a summary.
fn summary(line: &str) -> (u64, u64) {
    let line = line.trim();
    if let Some(cargo) = line.strip_prefix("test result: ") {
        return (before(cargo, "passed"), before(cargo, "failed"));
    }
    if let Some(vitest) = line.strip_prefix("Tests ") {
        return (before(vitest, "passed"), before(vitest, "failed"));
    }
    let node = line
        .strip_prefix("# ")
        .or_else(|| line.strip_prefix("\u{2139} "))
        .unwrap_or("");
    let after = |word| {
        node.strip_prefix(word)
            .and_then(|count| count.trim().parse().ok())
    };
    (after("pass ").unwrap_or(0), after("fail ").unwrap_or(0))
}

/// The number that stands before this word.
fn before(text: &str, word: &str) -> u64 {
    let mut last = "";
    for part in text.split([' ', ';']).filter(|part| !part.is_empty()) {
        if part == word {
            return last.parse().unwrap_or(0);
        }
        last = part;
    }
    0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Suite, Totals};

    #[track_caller]
    fn assert_totals(output: &str, passed: u64, failed: u64) {
        assert_eq!(Totals::read(output), Totals { passed, failed });
    }

    #[test]
    fn adds_up_cargo() {
        assert_totals(
            "running 2 tests\n\
             test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
             test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n",
            15,
            2,
        );
    }

    #[test]
    fn reads_node() {
        assert_totals("# tests 5\n# pass 4\n# fail 1\n# cancelled 0\n", 4, 1);
        assert_totals("\u{2139} tests 5\n\u{2139} pass 5\n\u{2139} fail 0\n", 5, 0);
    }

    #[test]
    fn reads_vitest() {
        assert_totals(
            " Test Files  1 passed (1)\n      Tests  1 failed | 11 passed (12)\n",
            11,
            1,
        );
        assert_totals("      Tests  7 passed (7)\n", 7, 0);
    }

    #[test]
    fn ignores_other_lines() {
        assert_totals("# passive\npass 3\nall Tests 4 passed\n", 0, 0);
    }

    #[test]
    fn a_suite_without_tests_is_bad() {
        let suite = Suite {
            name: "x".into(),
            succeeded: true,
            totals: Totals::default(),
            took: Duration::from_millis(1_500),
        };
        assert!(suite.is_bad());
        assert_eq!(
            suite.describe(),
            "x                    0 passed, 0 failed in 1 s  <- ran no test"
        );
    }
}
