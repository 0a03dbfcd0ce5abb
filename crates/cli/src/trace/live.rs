//! Showing a trace on standard error while it grows: a tree that is drawn again and again on a terminal, one line for each
//! transition elsewhere.

use std::io::Write;

use super::{Event, Trace};
use crate::moment;
use crate::terminal::{Stream, Tone};

/// How to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// A tree that is drawn again.
    Tree,
    /// A line for each transition.
    Lines,
    /// Nothing.
    Silent,
}

impl Display {
    /// What suits the stream.
    pub fn for_stream(stream: &Stream) -> Self {
        if stream.is_terminal { Self::Tree } else { Self::Lines }
    }
}

/// A trace and how much of it is on the screen.
#[derive(Debug)]
pub struct Live {
    trace: Trace,
    display: Display,
    err: Stream,
    drawn: usize,
}

impl Live {
    /// Shows a new trace.
    pub fn new(name: &str, display: Display, err: Stream) -> Self {
        Self { trace: Trace::new(name), display, err, drawn: 0 }
    }

    /// The trace.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Adds an event, and prints its line if lines are wanted.
    pub fn apply(&mut self, event: &Event) {
        if let Some(step) = self.trace.apply(event)
            && self.display == Display::Lines
        {
            print(&format!("{}\n", self.trace.line(&step, &self.err)));
        }
    }

    /// Draws the tree again, if a tree is wanted.
    pub fn redraw(&mut self) {
        self.redraw_at(moment::now_millis());
    }

    /// As [`Live::redraw`], at a time that need not be the clock's.
    pub fn redraw_at(&mut self, now: i64) {
        if self.display != Display::Tree {
            return;
        }
        let mut lines = self.trace.tree(now, &self.err);
        let room = self.err.height.unwrap_or(24).saturating_sub(2).max(3);
        if lines.len() > room {
            let hidden = lines.len() - room + 1;
            lines.splice(1..=hidden, [self.err.paint(Tone::Dim, &format!("… {hidden} lines"))]);
        }
        let mut text = if self.drawn > 0 { format!("\u{1b}[{}A\u{1b}[J", self.drawn) } else { String::new() };
        for line in &lines {
            text.push_str(&clip(line, self.err.width.unwrap_or(80)));
            text.push('\n');
        }
        self.drawn = lines.len();
        print(&text);
    }

    /// Prints a line among what is shown: above a tree, which is drawn below again next time.
    pub fn line(&mut self, text: &str) {
        let text = match self.display {
            Display::Silent => return,
            Display::Lines => format!("{text}\n"),
            Display::Tree if self.drawn > 0 => format!("\u{1b}[{}A\u{1b}[J{text}\n", self.drawn),
            Display::Tree => format!("{text}\n"),
        };
        self.drawn = 0;
        print(&text);
    }

    /// Leaves what is drawn where it is: what is drawn next begins below.
    pub fn keep(&mut self) {
        self.drawn = 0;
    }
}

fn print(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// The line cut to a width, so that it takes one line of the screen; colour codes take no room.
fn clip(line: &str, width: usize) -> String {
    let (mut text, mut shown, mut in_code) = (String::new(), 0, false);
    for c in line.chars() {
        if c == '\u{1b}' {
            in_code = true;
        }
        if in_code {
            in_code = c != 'm';
        } else if shown + 1 >= width {
            continue;
        } else {
            shown += 1;
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::clip;

    #[test]
    fn colours_take_no_room() {
        assert_eq!(clip("abcdef", 4), "abc");
        assert_eq!(clip("\u{1b}[31mabcdef\u{1b}[0m", 4), "\u{1b}[31mabc\u{1b}[0m");
    }
}
