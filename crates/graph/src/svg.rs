//! The picture as SVG: no script, no foreign object, no reference to anything outside, every text escaped. The same bytes for the same
//! definition and statuses.
//!
//! *Not* here: PNG; the console draws the same layout with its own elements.

use std::fmt::Write as _;

use crate::label;
use crate::layout::{
    BESIDE_TEXT, Direction, Edge, Layout, MAX_TEXT, NAME_SIZE, Node, Point, SMALL_SIZE, TITLE,
};
use crate::outline::{EdgeKind, NodeKind};
use crate::overlay::{Overlay, Status};

/// The colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// On a light ground.
    #[default]
    Light,
    /// On a dark ground.
    Dark,
}

struct Colors {
    ground: &'static str,
    surface: &'static str,
    lane: &'static str,
    line: &'static str,
    edge: &'static str,
    catch: &'static str,
    text: &'static str,
    quiet: &'static str,
}

const LIGHT: Colors = Colors {
    ground: "#ffffff",
    surface: "#f8fafc",
    lane: "#f1f5f9",
    line: "#cbd5e1",
    edge: "#64748b",
    catch: "#c2410c",
    text: "#0f172a",
    quiet: "#64748b",
};

const DARK: Colors = Colors {
    ground: "#0b1120",
    surface: "#1e293b",
    lane: "#131c2e",
    line: "#475569",
    edge: "#94a3b8",
    catch: "#fb923c",
    text: "#f1f5f9",
    quiet: "#94a3b8",
};

/// Draws `layout` with `overlay` in the colours of `theme`.
pub fn svg(layout: &Layout, overlay: &Overlay, theme: Theme) -> String {
    let colors = match theme {
        Theme::Light => &LIGHT,
        Theme::Dark => &DARK,
    };
    let mut out = String::new();
    let (width, height) = (layout.width.ceil(), layout.height.ceil());
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"Inter, system-ui, sans-serif\" font-size=\"{NAME_SIZE}\">"
    );
    let _ = writeln!(out, "<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>", colors.ground);
    containers(&mut out, layout, overlay, colors);
    for edge in &layout.edges {
        draw_edge(&mut out, edge, layout.direction, colors);
    }
    for node in layout.nodes.iter().filter(|node| !is_container(node.kind)) {
        match node.kind {
            NodeKind::Start | NodeKind::End => marker(&mut out, node, colors),
            _ => state(&mut out, node, overlay.states.get(&*node.name), colors),
        }
    }
    for edge in &layout.edges {
        draw_label(&mut out, edge, colors);
    }
    out.push_str("</svg>\n");
    out
}

fn is_container(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Parallel | NodeKind::Map | NodeKind::DistributedMap)
}

/// Containers come before what is inside them in the layout's order, so painting in that order is right.
fn containers(out: &mut String, layout: &Layout, overlay: &Overlay, colors: &Colors) {
    for (at, node) in layout.nodes.iter().enumerate().filter(|(_, node)| is_container(node.kind)) {
        let title = Node { height: TITLE, ..node.clone() };
        frame(out, node, overlay.states.get(&*node.name), colors);
        for lane in layout.lanes.iter().filter(|lane| lane.owner == at) {
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"{}\" stroke=\"{}\" stroke-dasharray=\"4 4\"/>",
                lane.corner.x, lane.corner.y, lane.width, lane.height, colors.lane, colors.line
            );
        }
        words(out, &title, overlay.states.get(&*node.name), colors);
        out.push_str("</g>\n");
    }
}

fn state(out: &mut String, node: &Node, status: Option<&(Status, u64)>, colors: &Colors) {
    frame(out, node, status, colors);
    words(out, node, status, colors);
    out.push_str("</g>\n");
}

/// Opens the group of a box and draws its border.
fn frame(out: &mut String, node: &Node, status: Option<&(Status, u64)>, colors: &Colors) {
    let class = status.map_or("", |(status, _)| status.word());
    let (stroke, thick) = match status {
        Some((status, _)) => (tint(*status), 2.0),
        None => (colors.line, 1.0),
    };
    let _ = write!(out, "<g class=\"{class}\"><title>{}", escaped(&node.name));
    if let Some(detail) = &node.detail {
        let _ = write!(out, " — {}", escaped(detail));
    }
    if let Some((status, visits)) = status {
        let _ = write!(out, " — {}, entered {visits}×", status.word());
    }
    let _ = writeln!(
        out,
        "</title>\n<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{}\" stroke=\"{stroke}\" stroke-width=\"{thick}\"/>",
        node.corner.x, node.corner.y, node.width, node.height, colors.surface
    );
}

fn words(out: &mut String, node: &Node, status: Option<&(Status, u64)>, colors: &Colors) {
    let Point { x, y } = node.corner;
    let middle = y + node.height / 2.0;
    let sign = status.map_or(type_sign(node.kind), |(status, _)| status.sign());
    let sign_color = status.map_or(colors.quiet, |(status, _)| tint(*status));
    put(out, (x + 18.0, middle + 5.0), 14.0, sign_color, "middle", sign);
    let name = label::shortened(&node.name, NAME_SIZE, (node.width - BESIDE_TEXT).max(MAX_TEXT));
    match &node.detail {
        Some(detail) => {
            put(out, (x + 34.0, middle - 3.0), NAME_SIZE, colors.text, "start", &name);
            let detail = label::shortened(detail, SMALL_SIZE, MAX_TEXT);
            put(out, (x + 34.0, middle + 12.0), SMALL_SIZE, colors.quiet, "start", &detail);
        }
        None => put(out, (x + 34.0, middle + 4.5), NAME_SIZE, colors.text, "start", &name),
    }
    let badge = match status {
        Some((_, visits)) if *visits > 1 => format!("{visits}×"),
        _ if node.retriers > 0 => "↻".to_owned(),
        _ => return,
    };
    put(out, (x + node.width - 10.0, y + 16.0), SMALL_SIZE, colors.quiet, "end", &badge);
}

const fn type_sign(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Start | NodeKind::End => "",
        NodeKind::Pass => "→",
        NodeKind::Task => "⚙",
        NodeKind::Choice => "◇",
        NodeKind::Wait => "◴",
        NodeKind::Succeed => "●",
        NodeKind::Fail => "✕",
        NodeKind::Parallel => "∥",
        NodeKind::Map => "⟳",
        NodeKind::DistributedMap => "⧉",
    }
}

const fn tint(status: Status) -> &'static str {
    match status {
        Status::Running => "#2563eb",
        Status::Succeeded => "#15803d",
        Status::Failed => "#dc2626",
        Status::Caught => "#d97706",
        Status::Aborted => "#6b7280",
        Status::TimedOut => "#b91c1c",
    }
}

fn marker(out: &mut String, node: &Node, colors: &Colors) {
    let Point { x, y } = node.corner;
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{}\" stroke=\"{}\"/>",
        node.width,
        node.height,
        node.height / 2.0,
        colors.lane,
        colors.line
    );
    put(
        out,
        (x + node.width / 2.0, y + node.height / 2.0 + 4.0),
        SMALL_SIZE,
        colors.quiet,
        "middle",
        &node.name,
    );
}

fn draw_edge(out: &mut String, edge: &Edge, direction: Direction, colors: &Colors) {
    let (color, dashes) = match edge.kind {
        EdgeKind::Catch => (colors.catch, " stroke-dasharray=\"5 3\""),
        EdgeKind::Next | EdgeKind::Choice => (colors.edge, ""),
    };
    let _ = writeln!(
        out,
        "<path d=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.4\"{dashes}/>",
        edge_path(edge, direction)
    );
    let _ = writeln!(out, "<path d=\"{}\" fill=\"{color}\"/>", edge_arrow(edge, direction));
}

/// The way of an edge, as the data of an SVG path.
pub fn edge_path(edge: &Edge, direction: Direction) -> String {
    way(&edge.points, direction)
}

/// The head of an edge's arrow, as the data of an SVG path; empty for an edge without a way.
pub fn edge_arrow(edge: &Edge, direction: Direction) -> String {
    match edge.points.as_slice() {
        [.., before, end] => arrow(*before, *end, direction),
        _ => String::new(),
    }
}

/// The way as a path: straight where it is straight, a bend in the gap between two rows where it changes its place.
fn way(points: &[Point], direction: Direction) -> String {
    let mut out = String::new();
    let mut last: Option<Point> = None;
    for Point { x, y } in points.iter().copied() {
        let _ = match (last, direction) {
            (None, _) => write!(out, "M{x} {y}"),
            (Some(last), _) if last.x == x || last.y == y => write!(out, " L{x} {y}"),
            (Some(last), Direction::Down) => {
                let middle = (last.y + y) / 2.0;
                write!(out, " C{} {middle} {x} {middle} {x} {y}", last.x)
            }
            (Some(last), Direction::Right) => {
                let middle = (last.x + x) / 2.0;
                write!(out, " C{middle} {} {middle} {y} {x} {y}", last.y)
            }
        };
        last = Some(Point { x, y });
    }
    out
}

/// The head of an arrow at `to`. A bend arrives along the flow; only the loop of a state to itself arrives across it.
fn arrow(from: Point, to: Point, direction: Direction) -> String {
    let across = match direction {
        Direction::Down => from.y == to.y,
        Direction::Right => from.x == to.x,
    };
    let (dx, dy) = match (direction == Direction::Down) != across {
        true => (0.0, (to.y - from.y).signum()),
        false => ((to.x - from.x).signum(), 0.0),
    };
    let back = Point { x: to.x - dx * 7.0, y: to.y - dy * 7.0 };
    let (sx, sy) = (dy * 4.0, dx * 4.0);
    format!("M{} {} L{} {} L{} {} Z", to.x, to.y, back.x + sx, back.y + sy, back.x - sx, back.y - sy)
}

fn draw_label(out: &mut String, edge: &Edge, colors: &Colors) {
    let Some(label) = &edge.label else { return };
    let (x, y) = (label.middle.x - label.width / 2.0, label.middle.y - label.height / 2.0);
    let _ = writeln!(
        out,
        "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"4\" fill=\"{}\"/>",
        escaped(&edge.text),
        label.width,
        label.height,
        colors.ground
    );
    let color = if edge.kind == EdgeKind::Catch { colors.catch } else { colors.quiet };
    put(out, (label.middle.x, label.middle.y + 4.0), SMALL_SIZE, color, "middle", &label.text);
    out.push_str("</g>\n");
}

fn put(out: &mut String, (x, y): (f64, f64), size: f64, color: &str, anchor: &str, text: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{color}\" text-anchor=\"{anchor}\">{}</text>",
        escaped(text)
    );
}

/// `text` as XML: markup escaped, characters that XML forbids replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out
}
