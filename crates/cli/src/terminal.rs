//! What standard output and standard error are: terminals or pipes, how wide, with colour or without.
//! Looked at once; everything that draws asks here. It does not decide what is drawn.

use std::io::IsTerminal;

use clap::ValueEnum;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also into pipes.
    Always,
    /// Not at all.
    Never,
}

/// One of the two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Whether a person looks at it.
    pub is_terminal: bool,
    /// Whether to colour it.
    pub color: bool,
    /// Columns, when it is a terminal that tells.
    pub width: Option<usize>,
    /// Lines, when it is a terminal that tells.
    pub height: Option<usize>,
}

/// Both output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Standard output: data.
    pub out: Stream,
    /// Standard error: everything else.
    pub err: Stream,
}

/// What a text means, from which its colour follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// Went well.
    Good,
    /// Went wrong.
    Bad,
    /// Deserves a look.
    Warn,
    /// Is going on.
    Busy,
    /// Is beside the point.
    Dim,
    /// Is the point.
    Strong,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Warn => "33",
            Self::Busy => "36",
            Self::Dim => "2",
            Self::Strong => "1",
        }
    }
}

impl Terminal {
    /// Looks at the streams and at `NO_COLOR`, `CLICOLOR_FORCE` and `TERM`.
    pub fn detect(choice: ColorChoice) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = |is_terminal: bool| match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set("NO_COLOR") => false,
            ColorChoice::Auto => set("CLICOLOR_FORCE") || is_terminal && !dumb,
        };
        let stream = |is_terminal: bool, size: Option<(usize, usize)>| Stream {
            is_terminal,
            color: color(is_terminal),
            width: size.map(|size| size.0),
            height: size.map(|size| size.1),
        };
        let (out, err) = (std::io::stdout(), std::io::stderr());
        Self { out: stream(out.is_terminal(), size(&out)), err: stream(err.is_terminal(), size(&err)) }
    }
}

impl Stream {
    /// The text in its tone's colour, if this stream has colours.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if self.color && tone != Tone::Plain {
            format!("\u{1b}[{}m{text}\u{1b}[0m", tone.code())
        } else {
            text.to_owned()
        }
    }

    /// A pipe: no colour, no width.
    #[cfg(test)]
    pub const PIPE: Self = Self { is_terminal: false, color: false, width: None, height: None };
}

fn size(stream: &impl std::os::fd::AsFd) -> Option<(usize, usize)> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then(|| (usize::from(size.ws_col), usize::from(size.ws_row)))
}

/// The text with control characters made visible, so that data cannot write to the terminal.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { if c == '\n' || c == '\t' { ' ' } else { '\u{fffd}' } } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Stream, Tone, printable};

    #[test]
    fn colour_only_where_it_is_wanted() {
        assert_eq!(Stream::PIPE.paint(Tone::Bad, "x"), "x");
        let colored = Stream { color: true, ..Stream::PIPE };
        assert_eq!(colored.paint(Tone::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(colored.paint(Tone::Plain, "x"), "x");
    }

    #[test]
    fn data_cannot_drive_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\td\u{9b}"), "a\u{fffd}[2Jb c d\u{fffd}");
    }
}
