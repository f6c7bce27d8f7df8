//! The table: one line for each kind of client in each scenario.

use crate::client::LIFETIME_SECONDS;
use crate::run::Outcome;

/// Everything as text.
pub(crate) fn of(clients: u32, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "{} clients, tokens that live {} minutes\n\n",
        grouped(u64::from(clients)),
        LIFETIME_SECONDS / 60,
    );
    text += &row(
        "",
        ["refreshes", "", "peak", "all are well", "failed"].map(str::to_owned),
    );
    text += &row(
        "",
        ["peak / s", "mean / s", "/ mean", "again after", "calls"].map(str::to_owned),
    );
    let mut title = None;
    for outcome in outcomes {
        if title != Some(outcome.scenario) {
            title = Some(outcome.scenario);
            text.push_str(outcome.scenario.name());
            text.push('\n');
        }
        text += &line(outcome);
    }
    text.push('\n');
    text
}

fn line(outcome: &Outcome) -> String {
    let (peak, mean) = (outcome.peak(), outcome.mean());
    let cells = [
        grouped(u64::from(peak)),
        format!("{mean:.1}"),
        format!("{:.1}", f64::from(peak) / mean),
        well(outcome),
        grouped(outcome.failed),
    ];
    row(outcome.kind.name(), cells)
}

fn row(name: &str, [peak, mean, ratio, well, failed]: [String; 5]) -> String {
    format!("  {name:<22}{peak:>10}{mean:>10}{ratio:>10}{well:>15}{failed:>12}\n")
}

/// How long it took until all were well again, where anybody was not.
pub(crate) fn well(outcome: &Outcome) -> String {
    match outcome.well_after {
        _ if outcome.failed == 0 => "–".to_owned(),
        None => "not yet".to_owned(),
        Some(millis) => {
            let seconds = millis.div_ceil(1_000);
            match seconds / 60 {
                0 => format!("{seconds} s"),
                minutes => format!("{minutes} min {} s", seconds % 60),
            }
        }
    }
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
