//! Log lines on standard error: text for people, JSON for machines; and the lines that functions write among them.
//! `STEPWELL_LOG` chooses what is logged (`debug`, `info,server=debug`); standard output stays free for data.

use clap::ValueEnum;
use integrations::functions::LogSink;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;
use crate::settings::variable;
use crate::terminal::{Stream, printable};

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Begins logging. To be called once.
///
/// # Errors
/// When `STEPWELL_LOG` is not a filter.
pub fn start_logging(form: LogForm, level: &str, err: &Stream) -> Result<(), Failure> {
    let wanted = variable("STEPWELL_LOG").unwrap_or_else(|| level.to_owned());
    let filter = EnvFilter::try_new(&wanted).map_err(|error| {
        Failure::usage(format!("STEPWELL_LOG `{wanted}`: {error}"))
            .hint("expected `debug`, or `info,server=debug`")
    })?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(err.color);
    let begun = match form {
        LogForm::Text => builder.with_target(false).try_init(),
        LogForm::Json => builder.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| Failure::environment(format!("logging cannot begin: {error}")))
}

/// Takes the lines of functions into the log.
pub fn function_log() -> LogSink {
    LogSink::new(|log| {
        let request = log.request_id.as_deref().unwrap_or("-");
        tracing::info!(target: "function", function = &*log.function, request, "{}", printable(&log.line));
    })
}
