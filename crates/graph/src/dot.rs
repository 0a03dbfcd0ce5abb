//! The structure in Graphviz's language. *Not* here: layout, which Graphviz does itself.

use std::fmt::Write as _;

use crate::outline::{EdgeKind, NodeKind, Outline};

/// A `digraph`; each branch is a cluster.
pub fn dot(outline: &Outline) -> String {
    let mut out = String::from("digraph {\n  node [shape=box, style=rounded];\n");
    for (number, scope) in outline.scopes.iter().enumerate() {
        for at in &scope.nodes {
            let node = &outline.nodes[*at];
            let shape = match node.kind {
                NodeKind::Choice => ", shape=diamond",
                NodeKind::Start | NodeKind::End => ", shape=oval",
                NodeKind::Parallel | NodeKind::Map | NodeKind::DistributedMap => ", style=bold",
                _ => "",
            };
            let _ = writeln!(out, "  n{at} [label={}{shape}];", quoted(&node.name));
        }
        if let Some((owner, start)) = scope.owner.zip(scope.start) {
            let _ = writeln!(out, "  n{owner} -> n{start} [style=dotted, arrowhead=none];");
            let inside: Vec<String> = scope.nodes.iter().map(|at| format!("n{at};")).collect();
            let _ = writeln!(out, "  subgraph cluster{number} {{ style=dashed; {} }}", inside.join(" "));
        }
    }
    for edge in &outline.edges {
        let style = if edge.kind == EdgeKind::Catch { ", style=dashed" } else { "" };
        let _ = writeln!(out, "  n{} -> n{} [label={}{style}];", edge.from, edge.to, quoted(&edge.label));
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("\"{}\"", clean.replace('\\', "\\\\").replace('"', "\\\""))
}
