//! The structure as indented lines for a terminal. *Not* here: statuses of a run (the command line's live tree).

use std::fmt::Write as _;

use crate::outline::{NodeKind, Outline};

/// One line a state, nested ones indented, with where it leads.
pub fn text(outline: &Outline) -> String {
    let mut leaving = vec![Vec::new(); outline.nodes.len()];
    for edge in &outline.edges {
        leaving[edge.from].push(edge);
    }
    let mut out = String::new();
    let mut open: Vec<(usize, usize)> = scope_nodes(outline, 0).map(|node| (node, 0)).collect();
    while let Some((at, depth)) = open.pop() {
        let node = &outline.nodes[at];
        if !matches!(node.kind, NodeKind::Start | NodeKind::End) {
            let detail = node.detail.as_deref().map(|detail| format!(" ({detail})")).unwrap_or_default();
            let indent = depth.min(40) * 2;
            let _ = writeln!(out, "{:indent$}{} [{:?}]{detail}", "", clean(&node.name), node.kind);
            for edge in &leaving[at] {
                let why =
                    if edge.label.is_empty() { String::new() } else { format!("  {}", clean(&edge.label)) };
                let to = &outline.nodes[edge.to].name;
                let _ = writeln!(out, "{:indent$}  → {}{why}", "", clean(to));
            }
        }
        for scope in node.scopes.iter().rev() {
            open.extend(scope_nodes(outline, *scope).map(|node| (node, depth + 2)));
        }
    }
    out
}

/// The nodes of a scope, last first, as a stack wants them.
fn scope_nodes(outline: &Outline, scope: usize) -> impl Iterator<Item = usize> {
    outline.scopes.get(scope).into_iter().flat_map(|scope| scope.nodes.iter().rev().copied())
}

fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
