//! Many seeds at once, and what came of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::mutations::Safety;
use crate::plan::Plan;
use crate::shrink::shrink;
use crate::world::{Counts, Failure, run};

/// Runs the seeds on all cores; the first that fails ends it.
pub(crate) fn all_hold(seeds: Range<u64>, tabs: usize) {
    let next = AtomicU64::new(seeds.start);
    let has_failed = AtomicBool::new(false);
    let work = || {
        let mut total = Counts::default();
        let mut report = None;
        while !has_failed.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            match try_seed(seed, tabs, None) {
                Ok(counts) => total.add(counts),
                Err(failure) => {
                    has_failed.store(true, Ordering::Relaxed);
                    report = Some(explain(seed, tabs, None, &failure));
                    break;
                }
            }
        }
        (total, report)
    };
    let mut total = Counts::default();
    for (counts, report) in on_all_cores(work) {
        total.add(counts);
        if let Some(report) = report {
            panic!("{report}");
        }
    }
    say(&format!(
        "{} seeds of {tabs} tabs: {} steps, {} refreshes, {} faults, {} tokens unavoidably spent twice",
        seeds.end - seeds.start,
        total.steps,
        total.refreshes,
        total.faults,
        total.excused,
    ));
}

/// Prints a line that is seen even where the test passes.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// One seed; a panic of the core is a failure like any other.
pub(crate) fn try_seed(seed: u64, tabs: usize, off: Option<Safety>) -> Result<Counts, Failure> {
    try_plan(&Plan::draw(seed, tabs), off)
}

pub(crate) fn try_plan(plan: &Plan, off: Option<Safety>) -> Result<Counts, Failure> {
    let run = catch_unwind(AssertUnwindSafe(|| run(plan, off, false)));
    let run = run.map_err(|_| Failure {
        rule: "the core does not panic",
        what: String::new(),
    })?;
    run.failure.map_or(Ok(run.counts), Err)
}

/// The shortest run that breaks the same rule, in words.
pub(crate) fn explain(seed: u64, tabs: usize, off: Option<Safety>, failure: &Failure) -> String {
    let plan = Plan::draw(seed, tabs);
    let short = shrink(&plan, off, failure);
    let shown = run(&short, off, true);
    let mut text = format!(
        "seed {seed} of {tabs} tabs: {failure}\n{:#?}\nshrunk from {} to {} happenings:\n",
        plan.settings,
        plan.ops.len(),
        short.ops.len(),
    );
    for (at, op) in &short.ops {
        let _ = writeln!(text, "    ({at}, Op::{op:?}),");
    }
    for line in &shown.trace {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(
        text,
        "run it again: HALLPASS_SEED={seed} HALLPASS_TABS={tabs} cargo test --test simulation again -- --ignored --nocapture"
    );
    text
}

/// The rules that fail, how often, and the first seeds at which they do.
pub(crate) fn survey(seeds: Range<u64>, tabs: usize, off: Option<Safety>) -> Vec<String> {
    let next = AtomicU64::new(seeds.start);
    let failed = Mutex::new(BTreeMap::<_, Vec<u64>>::new());
    on_all_cores(|| {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            if let Err(failure) = try_seed(seed, tabs, off) {
                failed
                    .lock()
                    .unwrap()
                    .entry(failure.rule)
                    .or_default()
                    .push(seed);
            }
        }
    });
    let failed = failed.into_inner().unwrap();
    let line = |(rule, mut seeds): (&str, Vec<u64>)| {
        seeds.sort_unstable();
        let first: Vec<_> = seeds.iter().take(8).collect();
        format!("{:>6} {rule} {first:?}", seeds.len())
    };
    failed.into_iter().map(line).collect()
}

fn on_all_cores<T: Send>(work: impl Fn() -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(&work)).collect();
        let results = workers.into_iter().map(|worker| worker.join().unwrap());
        results.collect()
    })
}
