//! The log: lines on stderr, for people or for programs.

use std::io;

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// An object for each line.
    Json,
}

/// Begins the log of this process. Only this program writes to it: what libraries have to say may repeat
/// what came.
pub fn init_logs(format: LogFormat) {
    // A line that cannot be written is lost: a closed stderr is no reason to stop.
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false)
        .with_target(false)
        .log_internal_errors(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true);
            lines.with_span_list(false).boxed()
        }
    };
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::INFO);
    // Where there is one already, that one stays.
    let _ = tracing::subscriber::set_global_default(registry().with(lines.with_filter(own)));
}
