//! Paths: steps, predicates, groupings, order-by and bindings of context and index. Not for what happens in them.

use super::{Operand, Parser, Raw};
use crate::ast::{Group, Kind, NameId, NodeId, Stage};
use crate::error::Fault;

impl Parser<'_> {
    fn steps(&self, id: NodeId) -> Option<&Vec<NodeId>> {
        match &self.node(id).kind {
            Kind::Path { steps, .. } => Some(steps),
            _ => None,
        }
    }

    /// The node that predicates and bindings go to: the last step of a path, or the node itself.
    fn target(&self, id: NodeId) -> NodeId {
        self.steps(id).and_then(|steps| steps.last().copied()).unwrap_or(id)
    }

    /// `lhs.rhs`: extends the path on the left.
    pub(super) fn dot(&mut self, lhs: NodeId, rhs: NodeId, at: u32) -> NodeId {
        let mut fresh = Vec::new();
        let path = if self.steps(lhs).is_some() {
            lhs
        } else {
            fresh.push(lhs);
            let path = self.add(Kind::Path { steps: vec![lhs], keep_singleton: false }, at);
            if let Kind::Parent(slot) = self.node(lhs).kind {
                self.node_mut(path).seeking.push(slot);
            }
            path
        };
        let added = match self.steps(rhs) {
            Some(steps) => steps.clone(),
            None => {
                let rest = self.node_mut(rhs);
                if !rest.predicates.is_empty() {
                    rest.stages = rest.predicates.drain(..).map(Stage::Filter).collect();
                }
                vec![rhs]
            }
        };
        fresh.extend(&added);
        let mut keep = false;
        for step in &fresh {
            keep |= self.check_step(*step);
        }
        let Kind::Path { steps, keep_singleton } = &mut self.node_mut(path).kind else { return path };
        steps.extend(added);
        *keep_singleton |= keep;
        for end in [steps.first().copied(), steps.last().copied()].into_iter().flatten() {
            let end = self.node_mut(end);
            end.cons_array |= matches!(end.kind, Kind::Array(_));
        }
        self.resolve_ancestry(path);
        path
    }

    /// Strings become names, other literals are no steps. Whether the step keeps arrays.
    fn check_step(&mut self, step: NodeId) -> bool {
        let node = self.node(step);
        let (keep, position) = (node.keep_array, node.position);
        if let Kind::Literal(value) = &node.kind {
            if let value::Value::Str(name) = value {
                let name = name.clone();
                let name = self.name_id(&name);
                self.node_mut(step).kind = Kind::Name(name);
            } else {
                let fault = Fault::new("S0213").at(position).value("value", value);
                self.late(fault);
            }
        }
        keep
    }

    /// `lhs[…]`: a filter, or with nothing inside the wish for an array.
    pub(super) fn predicate(&mut self, left: Operand, at: u32) -> Result<NodeId, Fault> {
        if self.token.is("]") {
            self.advance(false)?;
            self.keep_array(left);
            return Ok(left.id);
        }
        let predicate = self.expression(0)?.id;
        self.expect("]", true)?;
        let step = self.target(left.id);
        if self.node(step).group.is_some() {
            self.late(Fault::new("S0209").at(at));
        }
        self.seek_from_predicate(step, predicate);
        if self.steps(left.id).is_some() {
            self.node_mut(step).stages.push(Stage::Filter(predicate));
        } else {
            self.node_mut(step).predicates.push(predicate);
        }
        Ok(left.id)
    }

    fn keep_array(&mut self, left: Operand) {
        let target = self.target(left.id);
        if matches!(left.raw, Raw::Name | Raw::FilteredName | Raw::Focus) {
            self.node_mut(target).keep_array = true;
        }
        if let Kind::Path { keep_singleton, .. } = &mut self.node_mut(left.id).kind {
            *keep_singleton |= matches!(left.raw, Raw::Name | Raw::FilteredName);
        }
        self.node_mut(left.id).keep_array = true;
    }

    /// `lhs{…}`: group by.
    pub(super) fn grouping(&mut self, left: NodeId, group: Group) -> NodeId {
        if self.node(left).group.is_some() {
            self.late(Fault::new("S0210").at(group.position));
        }
        self.node_mut(left).group = Some(Box::new(group));
        left
    }

    /// `lhs^(…)`: order by.
    pub(super) fn order_by(&mut self, left: NodeId, at: u32) -> Result<NodeId, Fault> {
        self.expect("(", false)?;
        let mut terms = Vec::new();
        loop {
            let descending = self.token.is(">");
            if descending || self.token.is("<") {
                self.advance(false)?;
            }
            terms.push((self.expression(0)?.id, descending));
            if !self.token.is(",") {
                break;
            }
            self.advance(false)?;
        }
        self.expect(")", false)?;
        let path = if self.steps(left).is_some() {
            left
        } else {
            self.add(Kind::Path { steps: vec![left], keep_singleton: false }, at)
        };
        let sort = self.add(Kind::Sort { terms: terms.clone() }, at);
        for (term, _) in terms {
            self.push_ancestry(sort, term);
        }
        if let Kind::Path { steps, .. } = &mut self.node_mut(path).kind {
            steps.push(sort);
        }
        self.resolve_ancestry(path);
        Ok(path)
    }

    /// `lhs@$name`: binds the context.
    pub(super) fn focus(&mut self, left: NodeId, name: NameId, at: u32) -> Operand {
        let target = self.target(left);
        let step = self.node(target);
        if !step.stages.is_empty() || !step.predicates.is_empty() {
            self.late(Fault::new("S0215").at(at));
        } else if matches!(step.kind, Kind::Sort { .. }) {
            self.late(Fault::new("S0216").at(at));
        }
        let step = self.node_mut(target);
        step.focus = Some(name);
        step.tuple = true;
        Operand { id: left, raw: Raw::Focus }
    }

    /// `lhs#$name`: binds the position.
    pub(super) fn index(&mut self, left: NodeId, name: NameId, at: u32) -> NodeId {
        let (path, step) = if self.steps(left).is_some() {
            (left, self.target(left))
        } else {
            let node = self.node_mut(left);
            if !node.predicates.is_empty() {
                node.stages = node.predicates.drain(..).map(Stage::Filter).collect();
            }
            (self.add(Kind::Path { steps: vec![left], keep_singleton: false }, at), left)
        };
        let step = self.node_mut(step);
        if step.stages.is_empty() {
            step.index = Some(name);
        } else {
            step.stages.push(Stage::Index(name));
        }
        step.tuple = true;
        path
    }
}
