//! From text to a [`Program`]: operator precedence parsing that builds the final nodes at once, bottom-up. Not for types: JSONata
//! has none before it runs.
//!
//! Grammar and codes are those of jsonata-js 2.0.6, so `??` and `?:` are syntax errors. The reference implementation parses first
//! and then walks its tree; here an error of the walk waits until the parse is through, so that the same error wins.

mod ancestry;
mod lexer;
mod path;
mod scope;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use value::Value;

use crate::ast::{Global, Group, Kind, NameId, Node, NodeId, Op, Program};
use crate::error::Fault;
use crate::functions;
use crate::regex::Pattern;
use crate::signature::Signature;
use ancestry::Slot;
use lexer::{Lexer, Token, TokenKind};
use scope::Scopes;

/// Expressions inside each other. Evaluation allows 100, so nothing that has a value is lost.
const NESTING_MAX: u32 = 200;
/// Steps that looking for parents may take in all; legitimate expressions take a few.
const SEEK_MAX: u32 = 1_000_000;

/// Parses an expression.
pub(crate) fn parse(text: &str) -> Result<Program, Fault> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token { kind: TokenKind::End, position: 0 },
        nodes: Vec::new(),
        names: Vec::new(),
        name_ids: HashMap::new(),
        patterns: Vec::new(),
        signatures: Vec::new(),
        slots: Vec::new(),
        seeks_left: SEEK_MAX,
        scopes: Scopes::default(),
        late: None,
        depth: 0,
    };
    parser.advance(false)?;
    let root = parser.expression(0)?;
    if parser.token.kind != TokenKind::End {
        return Err(Fault::new("S0201").at(parser.token.position).raw_token(parser.token.shown()));
    }
    parser.finish(root.id)
}

/// A parsed operand, and what it was before processing where that matters to what follows.
#[derive(Clone, Copy)]
struct Operand {
    id: NodeId,
    raw: Raw,
}

#[derive(Clone, Copy, PartialEq)]
enum Raw {
    /// A field name and nothing else.
    Name,
    /// A field name with predicates.
    FilteredName,
    Variable(NameId),
    /// `…@$x`.
    Focus,
    Other,
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    token: Token,
    nodes: Vec<Node>,
    names: Vec<Arc<str>>,
    name_ids: HashMap<Arc<str>, NameId>,
    patterns: Vec<Pattern>,
    signatures: Vec<Signature>,
    slots: Vec<Slot>,
    seeks_left: u32,
    scopes: Scopes,
    /// The first error of processing.
    late: Option<Fault>,
    depth: u32,
}

impl Parser<'_> {
    /// Moves to the next token and gives back the current one.
    fn advance(&mut self, infix: bool) -> Result<Token, Fault> {
        let next = self.lexer.next(infix)?;
        if let TokenKind::Operator(op @ ("!" | "~")) = next.kind {
            return Err(Fault::new("S0204").at(next.position).token(op));
        }
        Ok(std::mem::replace(&mut self.token, next))
    }

    /// Moves over an operator that must stand here.
    fn expect(&mut self, operator: &'static str, infix: bool) -> Result<(), Fault> {
        if !self.token.is(operator) {
            let code = if self.token.kind == TokenKind::End { "S0203" } else { "S0202" };
            return Err(Fault::new(code)
                .at(self.token.position)
                .raw_token(self.token.shown())
                .string("value", operator));
        }
        self.advance(infix)?;
        Ok(())
    }

    fn add(&mut self, kind: Kind, position: u32) -> NodeId {
        self.nodes.push(Node::new(kind, position));
        u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id as usize]
    }

    fn name_id(&mut self, name: &Arc<str>) -> NameId {
        if let Some(id) = self.name_ids.get(name) {
            return *id;
        }
        let id = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Arc::clone(name));
        self.name_ids.insert(Arc::clone(name), id);
        id
    }

    fn late(&mut self, fault: Fault) {
        self.late.get_or_insert(fault);
    }

    /// Pratt's algorithm: everything that binds tighter than `power`.
    fn expression(&mut self, power: u32) -> Result<Operand, Fault> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(Fault::depth().at(self.token.position));
        }
        let token = self.advance(true)?;
        let mut left = self.prefix(token)?;
        while power < binding_power(&self.token) {
            let token = self.advance(false)?;
            left = self.infix(left, token)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What a token means at the start of an operand.
    fn prefix(&mut self, token: Token) -> Result<Operand, Fault> {
        let at = token.position;
        let op = match token.kind {
            TokenKind::Operator(op) => op,
            kind => return self.terminal(kind, at),
        };
        let id = match op {
            "and" | "or" | "in" => return Ok(self.field(&op.into(), at)),
            "-" => self.negation(at)?,
            "*" => self.add(Kind::Wildcard, at),
            "**" => self.add(Kind::Descendant, at),
            "%" => self.parent(at),
            "(" => self.block(at)?,
            "[" => self.array(at)?,
            "{" => {
                let group = self.pairs(at)?;
                let id = self.add(Kind::Object(Box::new(group.clone())), at);
                for (key, value) in group.pairs {
                    self.push_ancestry(id, key);
                    self.push_ancestry(id, value);
                }
                id
            }
            "|" => self.transform(at)?,
            _ => return Err(Fault::new("S0211").at(at).token(op)),
        };
        Ok(Operand { id, raw: Raw::Other })
    }

    fn terminal(&mut self, kind: TokenKind, at: u32) -> Result<Operand, Fault> {
        let (kind, raw) = match kind {
            TokenKind::Name(name) => return Ok(self.field(&name, at)),
            TokenKind::Variable(name) => {
                let id = self.name_id(&name);
                if name.is_empty() {
                    (Kind::Context, Raw::Variable(id))
                } else {
                    self.scopes.refer(id);
                    (Kind::Variable(id), Raw::Variable(id))
                }
            }
            TokenKind::Literal(value) => (Kind::Literal(value), Raw::Other),
            TokenKind::Regex { pattern, ignore_case, multi_line } => {
                let index = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
                self.patterns.push(Pattern::compile(&pattern, ignore_case, multi_line, at)?);
                (Kind::Regex(index), Raw::Other)
            }
            TokenKind::End | TokenKind::Operator(_) => {
                self.late(Fault::new("S0207").at(at).token("(end)"));
                (Kind::Literal(Value::Null), Raw::Other)
            }
        };
        Ok(Operand { id: self.add(kind, at), raw })
    }

    /// A field name: a path of one step.
    fn field(&mut self, name: &Arc<str>, at: u32) -> Operand {
        let name = self.name_id(name);
        let step = self.add(Kind::Name(name), at);
        let id = self.add(Kind::Path { steps: vec![step], keep_singleton: false }, at);
        Operand { id, raw: Raw::Name }
    }

    /// What a token means after an operand.
    fn infix(&mut self, left: Operand, token: Token) -> Result<Operand, Fault> {
        let at = token.position;
        let TokenKind::Operator(op) = token.kind else {
            return Err(Fault::new("S0201").at(at).raw_token(token.shown()));
        };
        let id = match op {
            "." => {
                let right = self.expression(75)?;
                self.dot(left.id, right.id, at)
            }
            "(" => self.call(left, at)?,
            "[" => {
                let id = self.predicate(left, at)?;
                let raw = match left.raw {
                    Raw::Name | Raw::FilteredName => Raw::FilteredName,
                    Raw::Focus => Raw::Focus,
                    Raw::Variable(_) | Raw::Other => Raw::Other,
                };
                return Ok(Operand { id, raw });
            }
            "{" => {
                let group = self.pairs(at)?;
                self.grouping(left.id, group)
            }
            "^" => self.order_by(left.id, at)?,
            ":=" => self.binding(left, at)?,
            "@" => {
                let name = self.bound_variable("@")?;
                return Ok(self.focus(left.id, name, at));
            }
            "#" => {
                let name = self.bound_variable("#")?;
                self.index(left.id, name, at)
            }
            "?" => self.condition(left.id, at)?,
            "~>" => {
                let right = self.expression(40)?;
                self.apply(left.id, right.id, at)
            }
            _ => {
                let Some(op) = Op::from_text(op) else { return Err(Fault::new("S0201").at(at).token(op)) };
                let right = self.expression(binary_power(op))?;
                self.binary(op, left.id, right.id, at)
            }
        };
        Ok(Operand { id, raw: Raw::Other })
    }

    fn binary(&mut self, op: Op, lhs: NodeId, rhs: NodeId, at: u32) -> NodeId {
        let id = self.add(Kind::Binary { op, lhs, rhs }, at);
        self.push_ancestry(id, lhs);
        self.push_ancestry(id, rhs);
        id
    }

    fn apply(&mut self, lhs: NodeId, rhs: NodeId, at: u32) -> NodeId {
        let keep_array = self.node(lhs).keep_array || self.node(rhs).keep_array;
        let id = self.add(Kind::Apply { lhs, rhs }, at);
        self.node_mut(id).keep_array = keep_array;
        id
    }

    fn negation(&mut self, at: u32) -> Result<NodeId, Fault> {
        let inner = self.expression(70)?.id;
        if let Kind::Literal(value @ (Value::Int(_) | Value::Float(_))) = &mut self.node_mut(inner).kind {
            *value = crate::number::negate(value);
            return Ok(inner);
        }
        let id = self.add(Kind::Negate(inner), at);
        self.push_ancestry(id, inner);
        Ok(id)
    }

    fn block(&mut self, at: u32) -> Result<NodeId, Fault> {
        let mut expressions = Vec::new();
        self.scopes.open();
        while !self.token.is(")") {
            expressions.push(self.expression(0)?.id);
            if !self.token.is(";") {
                break;
            }
            self.advance(false)?;
        }
        let binds = self.scopes.close();
        self.expect(")", true)?;
        let id = self.add(Kind::Block { expressions: expressions.clone(), binds }, at);
        for part in expressions {
            self.push_ancestry(id, part);
            let cons = self.node(part).cons_array
                || matches!(&self.node(part).kind, Kind::Path { steps, .. } if self.node(steps[0]).cons_array);
            self.node_mut(id).cons_array |= cons;
        }
        Ok(id)
    }

    fn array(&mut self, at: u32) -> Result<NodeId, Fault> {
        let mut items = Vec::new();
        while !self.token.is("]") {
            let mut item = self.expression(0)?.id;
            if self.token.is("..") {
                let range_at = self.advance(false)?.position;
                let end = self.expression(0)?.id;
                item = self.binary(Op::Range, item, end, range_at);
            }
            items.push(item);
            if !self.token.is(",") {
                break;
            }
            self.advance(false)?;
            if self.token.is("]") {
                // A trailing comma: the reference implementation wants an operand here.
                return Err(Fault::new("S0211").at(self.token.position).token("]"));
            }
        }
        self.expect("]", true)?;
        let id = self.add(Kind::Array(items.clone()), at);
        for item in items {
            self.push_ancestry(id, item);
        }
        Ok(id)
    }

    /// `key: value` pairs up to the closing brace.
    fn pairs(&mut self, at: u32) -> Result<Group, Fault> {
        let mut pairs = Vec::new();
        if !self.token.is("}") {
            loop {
                let key = self.expression(0)?.id;
                self.expect(":", false)?;
                let value = self.expression(0)?.id;
                pairs.push((key, value));
                if !self.token.is(",") {
                    break;
                }
                self.advance(false)?;
            }
        }
        self.expect("}", true)?;
        Ok(Group { constant_keys: self.constant_keys(&pairs), pairs, position: at })
    }

    /// The keys, if all of them are strings and different.
    fn constant_keys(&self, pairs: &[(NodeId, NodeId)]) -> Option<Vec<Arc<str>>> {
        let key = |id: NodeId| match self.node(id) {
            Node {
                kind: Kind::Literal(Value::Str(key)), predicates, group: None, keep_array: false, ..
            } if predicates.is_empty() => Some(Arc::clone(key)),
            _ => None,
        };
        let keys: Vec<Arc<str>> = pairs.iter().map(|(id, _)| key(*id)).collect::<Option<_>>()?;
        let different: HashSet<&Arc<str>> = keys.iter().collect();
        (different.len() == keys.len()).then_some(keys)
    }

    fn transform(&mut self, at: u32) -> Result<NodeId, Fault> {
        let pattern = self.expression(0)?.id;
        self.expect("|", false)?;
        let update = self.expression(0)?.id;
        let mut delete = None;
        if self.token.is(",") {
            self.advance(false)?;
            delete = Some(self.expression(0)?.id);
        }
        self.expect("|", false)?;
        Ok(self.add(Kind::Transform { pattern, update, delete }, at))
    }

    fn condition(&mut self, condition: NodeId, at: u32) -> Result<NodeId, Fault> {
        let then = self.expression(0)?.id;
        let mut otherwise = None;
        if self.token.is(":") {
            self.advance(false)?;
            otherwise = Some(self.expression(0)?.id);
        }
        let id = self.add(Kind::Condition { condition, then, otherwise }, at);
        for part in [Some(condition), Some(then), otherwise].into_iter().flatten() {
            self.push_ancestry(id, part);
        }
        Ok(id)
    }

    fn binding(&mut self, left: Operand, at: u32) -> Result<NodeId, Fault> {
        let Raw::Variable(name) = left.raw else {
            let position = self.node(left.id).position;
            let token = self.raw_text(left.id);
            return Err(Fault::new("S0212").at(position).raw_token(token));
        };
        self.scopes.unrefer(name);
        let recursive = matches!(&self.token.kind, TokenKind::Name(n) if is_lambda(n));
        if recursive {
            self.scopes.bind(name);
        }
        let value = self.expression(9)?.id;
        self.scopes.bind(name);
        let id = self.add(Kind::Bind { name, value }, at);
        self.push_ancestry(id, value);
        Ok(id)
    }

    /// What the reference implementation calls the value of a node, for messages.
    fn raw_text(&self, id: NodeId) -> String {
        match &self.node(id).kind {
            Kind::Literal(value) => value.to_json(),
            Kind::Path { steps, .. } => match self.node(steps[0]).kind {
                Kind::Name(name) if steps.len() == 1 => {
                    Value::from(Arc::clone(&self.names[name as usize])).to_json()
                }
                _ => "\".\"".to_owned(),
            },
            Kind::Binary { op, .. } => format!("\"{}\"", op.text()),
            Kind::Block { .. } | Kind::Call { .. } => "\"(\"".to_owned(),
            Kind::Array(_) => "\"[\"".to_owned(),
            Kind::Object(_) => "\"{\"".to_owned(),
            _ => "undefined".to_owned(),
        }
    }

    /// The variable after `@` or `#`.
    fn bound_variable(&mut self, op: &str) -> Result<NameId, Fault> {
        let right = self.expression(80)?;
        let Raw::Variable(name) = right.raw else {
            return Err(Fault::new("S0214").at(self.node(right.id).position).token(op));
        };
        self.scopes.unrefer(name);
        self.scopes.bind_late(name);
        Ok(name)
    }

    /// A call, a partial application, or the definition of a function.
    fn call(&mut self, left: Operand, at: u32) -> Result<NodeId, Fault> {
        let lambda = left.raw == Raw::Name && self.single_name(left.id).is_some_and(|name| is_lambda(name));
        let mark = self.scopes.mark();
        let mut args = Vec::new();
        let mut raws = Vec::new();
        if !self.token.is(")") {
            loop {
                if self.token.is("?") {
                    raws.push((Raw::Other, self.token.position, "\"?\"".to_owned()));
                    args.push(None);
                    self.advance(false)?;
                } else {
                    let arg = self.expression(0)?;
                    let text = if lambda { self.raw_text(arg.id) } else { String::new() };
                    raws.push((arg.raw, self.node(arg.id).position, text));
                    args.push(Some(arg.id));
                }
                if !self.token.is(",") {
                    break;
                }
                self.advance(false)?;
            }
        }
        self.expect(")", true)?;
        if lambda {
            self.scopes.reset(mark);
            return self.lambda(&raws, at);
        }
        Ok(self.call_node(left.id, args, at))
    }

    fn call_node(&mut self, procedure: NodeId, args: Vec<Option<NodeId>>, at: u32) -> NodeId {
        let plain: Option<Vec<NodeId>> = args.iter().copied().collect();
        let kind = match plain {
            Some(args) => Kind::Call { procedure, args, tail: false },
            None => Kind::Partial { procedure, args: args.clone() },
        };
        let id = self.add(kind, at);
        for arg in args.into_iter().flatten() {
            self.push_ancestry(id, arg);
        }
        id
    }

    /// The name of a path that is nothing but one field.
    fn single_name(&self, id: NodeId) -> Option<&Arc<str>> {
        let Kind::Path { steps, .. } = &self.node(id).kind else { return None };
        let [step] = steps[..] else { return None };
        let Kind::Name(name) = self.node(step).kind else { return None };
        Some(&self.names[name as usize])
    }

    fn lambda(&mut self, params: &[(Raw, u32, String)], at: u32) -> Result<NodeId, Fault> {
        let mut names = Vec::new();
        for (index, (raw, position, text)) in params.iter().enumerate() {
            let Raw::Variable(name) = raw else {
                return Err(Fault::new("S0208")
                    .at(*position)
                    .raw_token(text.clone())
                    .text("value", (index + 1).to_string()));
            };
            names.push(*name);
        }
        let signature = if self.token.is("<") { Some(self.signature()?) } else { None };
        self.scopes.open();
        for name in &names {
            self.scopes.bind(*name);
        }
        self.expect("{", false)?;
        let body = self.expression(0)?.id;
        self.expect("}", false)?;
        self.scopes.close();
        self.mark_tail(body);
        Ok(self.add(Kind::Lambda { params: names, signature, body }, at))
    }

    /// The signature of a function, collected from tokens as in the reference implementation.
    fn signature(&mut self) -> Result<u32, Fault> {
        let start = self.token.position;
        let mut text = String::from("<");
        let mut depth = 1;
        while depth > 0 && !self.token.is("{") && self.token.kind != TokenKind::End {
            self.advance(false)?;
            match &self.token.kind {
                TokenKind::Operator(op) => {
                    depth += match *op {
                        ">" => -1,
                        "<" => 1,
                        _ => 0,
                    };
                    text.push_str(op);
                }
                TokenKind::Name(name) | TokenKind::Variable(name) => text.push_str(name),
                _ => text.push('?'),
            }
        }
        self.expect(">", false)?;
        let signature = Signature::parse(&text).map_err(|fault| fault.at(start))?;
        self.signatures.push(signature);
        Ok(u32::try_from(self.signatures.len() - 1).unwrap_or(u32::MAX))
    }

    /// Marks calls that are the last thing a function does: they need no depth.
    fn mark_tail(&mut self, body: NodeId) {
        let mut open = vec![body];
        while let Some(id) = open.pop() {
            let node = self.node_mut(id);
            match &mut node.kind {
                Kind::Call { tail, .. } if node.predicates.is_empty() => *tail = true,
                Kind::Condition { then, otherwise, .. } => {
                    open.push(*then);
                    open.extend(*otherwise);
                }
                Kind::Block { expressions, .. } => open.extend(expressions.last()),
                _ => {}
            }
        }
    }

    /// Notes which nodes are nothing but a field name.
    fn mark_fields(&mut self) {
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let plain = node.bare && node.stages.is_empty() && !node.tuple;
            self.nodes[at].field = match node.kind {
                Kind::Name(name) if plain => Some(name),
                _ => None,
            };
        }
        for at in 0..self.nodes.len() {
            let Kind::Path { steps, keep_singleton: false } = &self.nodes[at].kind else { continue };
            if let ([step], true, false) = (&steps[..], self.nodes[at].bare, self.nodes[at].tuple) {
                self.nodes[at].field = self.nodes[*step as usize].field;
            }
        }
    }

    /// Notes which nodes can be looked at without being evaluated.
    fn mark_direct(&mut self) {
        let is_plain = |node: &Node| node.bare && node.stages.is_empty() && !node.tuple;
        let is_builtin: Vec<bool> = self.names.iter().map(|name| functions::is_builtin(name)).collect();
        let is_start = |kind: &Kind| match kind {
            Kind::Context | Kind::Variable(_) => true,
            // What has the name of a built-in function mostly is one.
            Kind::Global(name) => !is_builtin[*name as usize],
            _ => false,
        };
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let direct = match &node.kind {
                Kind::Literal(_) => true,
                Kind::Path { steps, keep_singleton: false } => match &steps[..] {
                    [] => false,
                    [first, rest @ ..] => {
                        let first = self.node(*first);
                        let starts = first.field.is_some() || (is_plain(first) && is_start(&first.kind));
                        starts && rest.iter().all(|step| self.node(*step).field.is_some())
                    }
                },
                kind => is_start(kind),
            };
            self.nodes[at].direct = direct && is_plain(&self.nodes[at]);
        }
    }

    /// Notes what is read of each variable from outside: its members, when it only ever begins a path whose next step is a name.
    fn note_fields(&self, globals: &mut [Global], places: &[Option<u32>]) {
        let mut begins: HashMap<NodeId, NameId> = HashMap::new();
        for node in &self.nodes {
            let Kind::Path { steps, .. } = &node.kind else { continue };
            let [first, second, ..] = &steps[..] else { continue };
            let start = self.node(*first);
            let plain = start.bare && start.stages.is_empty() && !start.tuple;
            if let (true, Some(field)) = (plain, self.node(*second).field) {
                begins.insert(*first, field);
            }
        }
        for (id, node) in (0..).zip(&self.nodes) {
            let Kind::Global(name) = node.kind else { continue };
            let Some(place) = places.get(name as usize).copied().flatten() else { continue };
            let global = &mut globals[place as usize];
            match (begins.get(&id), &mut global.fields) {
                (Some(field), Some(fields)) => fields.push(*field),
                _ => global.fields = None,
            }
        }
    }

    /// How many nodes are inside each other. Iterative: that is what it is for.
    fn height(&self, root: NodeId) -> u32 {
        let mut highest = 0;
        let mut open = vec![(root, 1)];
        let mut inside = Vec::new();
        while let Some((id, height)) = open.pop() {
            highest = highest.max(height);
            self.node(id).inside(&mut inside);
            open.extend(inside.drain(..).map(|id| (id, height + 1)));
        }
        highest
    }

    /// Checks what is left to check and resolves what could not be resolved earlier.
    fn finish(mut self, root: NodeId) -> Result<Program, Fault> {
        if let Some(fault) = self.late {
            return Err(fault);
        }
        let top = self.node(root);
        if matches!(top.kind, Kind::Parent(_)) || !top.seeking.is_empty() {
            let token = ancestry::type_name(&top.kind);
            return Err(Fault::new("S0217").at(top.position).token(token));
        }
        let root_name = self.name_id(&"$".into());
        for slot in 0..self.slots.len() {
            let label = format!("!{}", self.slots[slot].label).into();
            self.slots[slot].name = self.name_id(&label);
        }
        let bound = self.scopes.bound();
        let mut globals: Vec<Global> = Vec::new();
        let mut places: Vec<Option<u32>> = vec![None; self.names.len()];
        for node in &mut self.nodes {
            node.bare = node.predicates.is_empty() && node.group.is_none() && !node.keep_array;
            node.ancestor = node.ancestor.map(|slot| self.slots[slot as usize].name);
            node.kind = match node.kind {
                Kind::Parent(slot) => Kind::Parent(self.slots[slot as usize].name),
                Kind::Variable(name) if !bound.contains(&name) => {
                    if let Some(place @ None) = places.get_mut(name as usize) {
                        *place = u32::try_from(globals.len()).ok();
                        let builtin = functions::find(&self.names[name as usize]);
                        globals.push(Global { name, builtin, fields: Some(Vec::new()) });
                    }
                    Kind::Global(name)
                }
                _ => continue,
            };
        }
        self.mark_fields();
        self.mark_direct();
        self.note_fields(&mut globals, &places);
        let height = self.height(root);
        let free = self.scopes.free().filter(|name| *name != root_name);
        let free = free.map(|name| Arc::clone(&self.names[name as usize])).collect();
        Ok(Program {
            nodes: self.nodes,
            names: self.names,
            patterns: self.patterns,
            signatures: self.signatures,
            root,
            height,
            free,
            globals,
            places,
            root_name,
        })
    }
}

fn is_lambda(name: &str) -> bool {
    matches!(name, "function" | "λ")
}

/// How tightly a token holds to the operand on its left; zero for what cannot follow an operand.
fn binding_power(token: &Token) -> u32 {
    let TokenKind::Operator(op) = token.kind else { return 0 };
    match op {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "^" | "~>" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

fn binary_power(op: Op) -> u32 {
    match op {
        Op::Multiply | Op::Divide | Op::Modulo => 60,
        Op::Add | Op::Subtract | Op::Concat => 50,
        Op::And => 30,
        Op::Or => 25,
        Op::Range => 20,
        _ => 40,
    }
}
