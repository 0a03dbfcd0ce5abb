//! Drawing a trace: as a tree, and as one line for a step. Only text; writing is `live`'s.

use super::{Change, Node, Phase, ROOT, Step, Trace};
use crate::moment;
use crate::terminal::{Stream, Tone, printable};

/// Children of one node that a tree shows; the rest is counted.
const CHILDREN_MAX: usize = 40;
/// Deeper levels are left out.
const DEPTH_MAX: usize = 24;
/// Cells of a Map's progress bar.
const BAR_WIDTH: usize = 17;

impl Phase {
    fn look(self) -> (&'static str, Tone) {
        match self {
            Self::Running => ("▸", Tone::Busy),
            Self::Done => ("✓", Tone::Good),
            Self::Caught => ("↷", Tone::Warn),
            Self::Failed => ("✗", Tone::Bad),
            Self::Aborted => ("∅", Tone::Warn),
        }
    }
}

impl Trace {
    /// The status as the API names it.
    pub fn status(&self) -> &'static str {
        match self.root().phase {
            Phase::Running => "RUNNING",
            Phase::Done | Phase::Caught => "SUCCEEDED",
            Phase::Failed if self.timed_out => "TIMED_OUT",
            Phase::Failed => "FAILED",
            Phase::Aborted => "ABORTED",
        }
    }

    /// The tree, one text for each line.
    pub fn tree(&self, now: i64, out: &Stream) -> Vec<String> {
        let root = self.root();
        let tone = root.phase.look().1;
        let head = format!(
            "{}  {} {}",
            out.paint(Tone::Strong, &printable(&root.name)),
            out.paint(tone, self.status()),
            moment::length(root.left.unwrap_or(now) - root.entered)
        );
        let mut lines = vec![head];
        self.branch(root, &mut String::new(), 0, now, out, &mut lines);
        lines
    }

    fn branch(
        &self,
        node: &Node,
        prefix: &mut String,
        depth: usize,
        now: i64,
        out: &Stream,
        lines: &mut Vec<String>,
    ) {
        let shown: Vec<&Node> = self.children(node).filter(|child| child.is_state()).collect();
        if depth >= DEPTH_MAX {
            return;
        }
        let hidden = shown.len().saturating_sub(CHILDREN_MAX);
        if hidden > 0 {
            lines.push(out.paint(Tone::Dim, &format!("{prefix}├─ … {hidden} earlier")));
        }
        let width = shown.iter().map(|child| child.name.chars().count()).max().unwrap_or(0);
        for (place, child) in shown.iter().enumerate().skip(hidden) {
            let (tick, extend) =
                if place + 1 == shown.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            lines.push(format!(
                "{}{}",
                out.paint(Tone::Dim, &format!("{prefix}{tick}")),
                self.label(child, width, now, out)
            ));
            prefix.push_str(extend);
            self.branch(child, prefix, depth + 1, now, out, lines);
            prefix.truncate(prefix.len() - extend.len());
        }
    }

    fn label(&self, node: &Node, width: usize, now: i64, out: &Stream) -> String {
        let (glyph, tone) = node.phase.look();
        let mut text = format!(
            "{} {:width$}  {}  {:>8}",
            out.paint(tone, glyph),
            printable(&node.name),
            out.paint(Tone::Dim, &format!("{:8}", node.kind)),
            moment::length(node.left.unwrap_or(now) - node.entered),
        );
        for remark in self.remarks(node) {
            text.push_str("   ");
            text.push_str(
                &out.paint(if node.phase == Phase::Failed { Tone::Bad } else { Tone::Warn }, &remark),
            );
        }
        text.trim_end().to_owned()
    }

    /// What is special about a node: progress, attempts, errors, waiting.
    fn remarks(&self, node: &Node) -> Vec<String> {
        let mut remarks = Vec::new();
        let iterations: Vec<&Node> = self.children(node).filter(|child| !child.is_state()).collect();
        if !iterations.is_empty() {
            remarks.push(progress(&iterations));
        }
        let error = node.error.as_deref().map(printable);
        match (node.phase, error) {
            (Phase::Caught, Some(error)) => remarks.push(format!("{error} → caught")),
            (Phase::Failed | Phase::Aborted, Some(error)) => remarks.push(error),
            (Phase::Running | Phase::Done, Some(error))
                if node.failed_attempts > 0 && node.kind != "execution" =>
            {
                remarks.push(format!("attempt {} ({error} before)", node.failed_attempts + 1));
            }
            _ => {}
        }
        if node.is_submitted && node.phase == Phase::Running {
            remarks.push("waiting for an answer".to_owned());
        }
        remarks
    }

    /// One step as a line.
    pub fn line(&self, step: &Step, out: &Stream) -> String {
        let node = self.node(step.node);
        let time = out.paint(Tone::Dim, &moment::time_of_day(step.at));
        if step.node == ROOT {
            let (glyph, tone) = node.phase.look();
            let status = out.paint(tone, &format!("{glyph} {}", self.status()));
            return format!("{time}  {status} in {}", moment::length(step.at - node.entered));
        }
        let indent = "  ".repeat(step.depth.saturating_sub(1).min(DEPTH_MAX));
        let name = printable(&node.name);
        let kind = out.paint(Tone::Dim, &node.kind);
        let error = printable(node.error.as_deref().unwrap_or_default());
        let (glyph, tone, rest) = match step.change {
            Change::Began if node.is_submitted => ("▸", Tone::Busy, "waiting for an answer".to_owned()),
            Change::Began => ("▸", Tone::Busy, String::new()),
            Change::AttemptFailed => {
                ("!", Tone::Warn, format!("attempt {} failed: {error}", node.failed_attempts))
            }
            Change::Ended => {
                let (glyph, tone) = node.phase.look();
                let mut rest = moment::length(step.at - node.entered);
                for remark in self.remarks(node) {
                    rest.push_str(&format!("   {remark}"));
                }
                (glyph, tone, rest)
            }
        };
        format!("{time}  {indent}{} {name}  {kind}  {rest}", out.paint(tone, glyph)).trim_end().to_owned()
    }
}

fn progress(iterations: &[&Node]) -> String {
    let count = |phase: Phase| iterations.iter().filter(|node| node.phase == phase).count();
    let (running, failed) = (count(Phase::Running), count(Phase::Failed));
    let (ended, total) = (iterations.len() - running, iterations.len());
    let filled = BAR_WIDTH * ended / total.max(1);
    let mut text = format!("{ended}/{total}  {}{}", "█".repeat(filled), "░".repeat(BAR_WIDTH - filled));
    if failed > 0 {
        text.push_str(&format!("  {failed} failed"));
    }
    text
}
