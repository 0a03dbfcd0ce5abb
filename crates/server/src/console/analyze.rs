//! What a definition is: its faults with their places, and its picture.

use asl::{MachineType, ParseOptions, Severity};
use graph::{Direction, EdgeKind, Layout, NodeKind};
use serde::{Deserialize, Serialize};
use wire::ApiError;

use super::unusable;

#[derive(Deserialize)]
struct Asked {
    text: String,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    r#type: Kind,
    #[serde(default)]
    direction: Way,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Yaml,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Kind {
    #[default]
    Standard,
    Express,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Way {
    #[default]
    Down,
    Right,
}

/// The answer of `POST /analyze`.
#[derive(Serialize)]
pub(super) struct Analysis {
    diagnostics: Vec<Diagnostic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layout: Option<Picture>,
}

#[derive(Serialize)]
struct Diagnostic {
    severity: &'static str,
    code: &'static str,
    rule: &'static str,
    message: String,
    location: String,
    from: usize,
    to: usize,
    line: u32,
    column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

#[derive(Serialize)]
struct Picture {
    direction: &'static str,
    width: f64,
    height: f64,
    nodes: Vec<Node>,
    lanes: Vec<Lane>,
    edges: Vec<Edge>,
}

#[derive(Serialize)]
struct Node {
    name: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    retriers: usize,
    parent: i64,
    branch: usize,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

#[derive(Serialize)]
struct Lane {
    owner: usize,
    branch: usize,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

#[derive(Serialize)]
struct Edge {
    from: usize,
    to: usize,
    kind: &'static str,
    text: String,
    path: String,
    arrow: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Label>,
}

#[derive(Serialize)]
struct Label {
    text: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Analyses the definition in a request.
///
/// # Errors
/// 400 when the request is not one.
pub(super) fn analyze(body: &[u8]) -> Result<Analysis, ApiError> {
    let asked: Asked =
        serde_json::from_slice(body).map_err(|error| unusable("body", &format!("is no request: {error}")))?;
    let machine_type = match asked.r#type {
        Kind::Standard => MachineType::Standard,
        Kind::Express => MachineType::Express,
    };
    let options = ParseOptions { machine_type, ..ParseOptions::default() };
    let parsed = match asked.format {
        Format::Json => asl::parse(&asked.text, options),
        Format::Yaml => asl::parse_yaml(&asked.text, options),
    };
    let direction = match asked.direction {
        Way::Down => Direction::Down,
        Way::Right => Direction::Right,
    };
    let layout = parsed.machine.map(|machine| graph::layout(&graph::outline(&machine), direction));
    Ok(Analysis {
        diagnostics: parsed.diagnostics.into_iter().map(diagnostic).collect(),
        layout: layout.map(picture),
    })
}

fn diagnostic(found: asl::Diagnostic) -> Diagnostic {
    Diagnostic {
        severity: match found.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "NOTE",
        },
        code: found.code,
        rule: found.sw_code,
        message: found.message,
        location: found.location,
        from: found.span.start,
        to: found.span.end,
        line: found.line,
        column: found.column,
        help: found.help,
    }
}

fn picture(layout: Layout) -> Picture {
    let node = |node: &graph::Node| Node {
        name: node.name.to_string(),
        kind: kind(node.kind),
        detail: node.detail.clone(),
        retriers: node.retriers,
        parent: node.parent.map_or(-1, |parent| i64::try_from(parent).unwrap_or(-1)),
        branch: node.branch,
        x: node.corner.x,
        y: node.corner.y,
        width: node.width,
        height: node.height,
    };
    let lane = |lane: &graph::Lane| Lane {
        owner: lane.owner,
        branch: lane.branch,
        x: lane.corner.x,
        y: lane.corner.y,
        width: lane.width,
        height: lane.height,
    };
    let edge = |edge: &graph::Edge| Edge {
        from: edge.from,
        to: edge.to,
        kind: match edge.kind {
            EdgeKind::Next => "next",
            EdgeKind::Choice => "choice",
            EdgeKind::Catch => "catch",
        },
        text: edge.text.clone(),
        path: graph::edge_path(edge, layout.direction),
        arrow: graph::edge_arrow(edge, layout.direction),
        label: edge.label.as_ref().map(|label| Label {
            text: label.text.clone(),
            x: label.middle.x,
            y: label.middle.y,
            width: label.width,
            height: label.height,
        }),
    };
    Picture {
        direction: match layout.direction {
            Direction::Down => "down",
            Direction::Right => "right",
        },
        width: layout.width,
        height: layout.height,
        nodes: layout.nodes.iter().map(node).collect(),
        lanes: layout.lanes.iter().map(lane).collect(),
        edges: layout.edges.iter().map(edge).collect(),
    }
}

fn kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Start => "Start",
        NodeKind::End => "End",
        NodeKind::Pass => "Pass",
        NodeKind::Task => "Task",
        NodeKind::Choice => "Choice",
        NodeKind::Wait => "Wait",
        NodeKind::Succeed => "Succeed",
        NodeKind::Fail => "Fail",
        NodeKind::Parallel => "Parallel",
        NodeKind::Map => "Map",
        NodeKind::DistributedMap => "DistributedMap",
    }
}
