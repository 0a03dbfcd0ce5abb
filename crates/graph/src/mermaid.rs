//! The structure as a Mermaid flow chart, for README files and pull requests. *Not* here: layout, which Mermaid does itself.

use std::fmt::Write as _;

use crate::outline::{EdgeKind, NodeKind, Outline};

/// A `flowchart TD`.
pub fn mermaid(outline: &Outline) -> String {
    let mut out = String::from("flowchart TD\n");
    // Containers open where their scopes are; an explicit stack, since definitions nest as deep as their text allows.
    let mut open = vec![Step::Scope(0, 1)];
    while let Some(step) = open.pop() {
        match step {
            Step::Scope(scope, depth) => {
                let nodes = outline.scopes.get(scope).map_or(&[][..], |scope| &scope.nodes);
                open.extend(nodes.iter().rev().map(|node| Step::Node(*node, depth)));
            }
            Step::Close(depth) => line(&mut out, depth, "end"),
            Step::Node(at, depth) => {
                let node = &outline.nodes[at];
                if node.scopes.is_empty() {
                    line(&mut out, depth, &shape(at, node.kind, &quoted(&node.name)));
                    continue;
                }
                line(&mut out, depth, &format!("subgraph n{at}[{}]", quoted(&node.name)));
                open.push(Step::Close(depth));
                for (branch, scope) in node.scopes.iter().enumerate().rev() {
                    if node.scopes.len() > 1 {
                        open.push(Step::Close(depth + 1));
                        open.push(Step::Scope(*scope, depth + 2));
                        open.push(Step::Branch(at, branch, depth + 1));
                    } else {
                        open.push(Step::Scope(*scope, depth + 1));
                    }
                }
            }
            Step::Branch(at, branch, depth) => {
                line(&mut out, depth, &format!("subgraph n{at}b{branch}[\"branch {}\"]", branch + 1));
            }
        }
    }
    for edge in &outline.edges {
        let arrow = if edge.kind == EdgeKind::Catch { "-.->" } else { "-->" };
        let label = if edge.label.is_empty() { String::new() } else { format!("|{}|", quoted(&edge.label)) };
        line(&mut out, 1, &format!("n{} {arrow}{label} n{}", edge.from, edge.to));
    }
    out
}

enum Step {
    Scope(usize, usize),
    Node(usize, usize),
    Branch(usize, usize, usize),
    Close(usize),
}

fn line(out: &mut String, depth: usize, text: &str) {
    let _ = writeln!(out, "{:indent$}{text}", "", indent = depth.min(40) * 2);
}

fn shape(at: usize, kind: NodeKind, name: &str) -> String {
    match kind {
        NodeKind::Choice => format!("n{at}{{{name}}}"),
        NodeKind::Start | NodeKind::End | NodeKind::Succeed => format!("n{at}([{name}])"),
        NodeKind::Fail => format!("n{at}[[{name}]]"),
        NodeKind::Wait => format!("n{at}({name})"),
        _ => format!("n{at}[{name}]"),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
