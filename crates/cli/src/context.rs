//! What a command works with: settings, the client, and how to print. Made once by `main`.

use std::sync::Mutex;

use crate::args::Global;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Format, Printer, Select, note};
use crate::settings::Settings;
use crate::terminal::Terminal;
use crate::trace::{Display, Live};

/// What a command works with.
#[derive(Debug)]
pub struct Context {
    /// Settings.
    pub settings: Settings,
    /// A client of the server that the settings name.
    pub client: Client,
    /// Standard output.
    pub printer: Printer,
    /// Both streams.
    pub terminal: Terminal,
    /// Whether to be silent on standard error while all is well.
    pub quiet: bool,
}

impl Context {
    /// Resolves the settings.
    ///
    /// # Errors
    /// When they cannot be used.
    pub fn new(global: &Global, terminal: Terminal) -> Result<Self, Failure> {
        let settings = Settings::resolve(global)?;
        let client = Client::new(settings.endpoint.clone(), &settings.region, settings.debug);
        let printer = Printer {
            // A selection is of a structured form; without one said, of JSON.
            format: match global.output_format {
                _ if global.json => Format::Json,
                Format::Table | Format::Wide if global.select.is_some() => Format::Json,
                format => format,
            },
            columns: global.columns.clone(),
            select: global.select.as_deref().map(Select::compile).transpose()?,
            truncate: !global.no_truncate,
            time: global.time,
            out: terminal.out,
            watched: Mutex::default(),
        };
        Ok(Self { settings, client, printer, terminal, quiet: global.quiet })
    }

    /// Says something on standard error, unless the person wants quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            note(text);
        }
    }

    /// A display for an execution.
    pub fn live(&self, name: &str) -> Live {
        let display = if self.quiet { Display::Silent } else { Display::for_stream(&self.terminal.err) };
        Live::new(name, display, self.terminal.err)
    }
}
