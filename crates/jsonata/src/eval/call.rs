//! Calls: functions of all kinds, partial application, `~>`, and tail calls without depth. Not for what built-ins do.

use std::sync::Arc;

use smallvec::smallvec;
use value::Value;

use super::{Evaluated, Evaluator};
use crate::ast::{Kind, NameId, Node, NodeId};
use crate::environment::{FrameId, Variables};
use crate::error::Fault;
use crate::function::{self, FunctionId};
use crate::functions::{self, Args};
use crate::item::{ArgList, Focus, Item};

/// A function that the evaluation made.
#[derive(Clone, Debug)]
pub(crate) enum Function {
    Lambda {
        node: NodeId,
        frame: FrameId,
        input: Option<Value>,
        whole: bool,
    },
    /// A lambda with some of its parameters bound in a frame of their own.
    PartialLambda {
        params: Arc<[NameId]>,
        body: NodeId,
        frame: FrameId,
        input: Option<Value>,
        whole: bool,
    },
    /// Another function with some of its arguments; `None` is still to come.
    Partial {
        function: FunctionId,
        args: Vec<Option<Item>>,
    },
    /// What a match gives to find the next one.
    NextMatch {
        pattern: u32,
        text: Arc<str>,
        from: usize,
    },
    Transform {
        node: NodeId,
        frame: FrameId,
    },
    /// `f ~> g`.
    Chain {
        first: FunctionId,
        second: FunctionId,
    },
}

/// The parameters of a function: where they stand in the program, or left over from a partial application.
enum Params<'e> {
    Declared(&'e [NameId]),
    Left(Arc<[NameId]>),
}

impl Params<'_> {
    fn names(&self) -> &[NameId] {
        match self {
            Params::Declared(names) => names,
            Params::Left(names) => names,
        }
    }
}

/// How a function is to be called.
enum Callee<'e> {
    Native,
    Body { params: Params<'e>, body: NodeId, frame: FrameId, input: Option<Value>, whole: bool },
    Chain(FunctionId, FunctionId),
    Other(Function),
}

impl<'e> Evaluator<'e> {
    /// Keeps a function and gives the value that stands for it.
    pub(crate) fn make(&mut self, function: Function) -> Evaluated {
        self.budget.bytes(size_of::<Function>() + 32)?;
        self.functions_seen.set(true);
        self.made.push(function);
        let made = u32::try_from(self.made.len() - 1).unwrap_or(u32::MAX);
        Ok(Item::of_function(self.first_made() + made))
    }

    /// Built-ins come first, then regular expressions of the program, then what was made.
    fn first_made(&self) -> FunctionId {
        functions::count() + u32::try_from(self.program.patterns.len()).unwrap_or(u32::MAX)
    }

    fn made(&self, id: FunctionId) -> Option<&Function> {
        self.made.get(id.checked_sub(self.first_made())? as usize)
    }

    /// The regular expression that a function is, if it is one.
    pub(crate) fn pattern(&self, id: FunctionId) -> Option<u32> {
        let index = id.checked_sub(functions::count())?;
        (index < self.first_made() - functions::count()).then_some(index)
    }

    /// A `next` function of a match of a regular expression.
    pub(crate) fn next_match(&self, id: FunctionId) -> Option<(u32, Arc<str>, usize)> {
        match self.made(id)? {
            Function::NextMatch { pattern, text, from } => Some((*pattern, Arc::clone(text), *from)),
            _ => None,
        }
    }

    /// How many arguments a function declares.
    pub(crate) fn arity(&self, id: FunctionId) -> usize {
        if let Some(builtin) = functions::get(id) {
            return builtin.arity;
        }
        if self.pattern(id).is_some() {
            return 2;
        }
        match self.made(id) {
            Some(Function::Lambda { node, .. }) => match &self.node(*node).kind {
                Kind::Lambda { params, .. } => params.len(),
                _ => 0,
            },
            Some(Function::PartialLambda { params, .. }) => params.len(),
            Some(Function::Partial { args, .. }) => args.iter().filter(|arg| arg.is_none()).count(),
            Some(Function::Transform { .. } | Function::Chain { .. }) => 1,
            Some(Function::NextMatch { .. }) | None => 0,
        }
    }

    /// Whether a function is a lambda, which `$spread` treats as one value.
    pub(crate) fn is_lambda(&self, id: FunctionId) -> bool {
        matches!(self.made(id), Some(Function::Lambda { .. } | Function::PartialLambda { .. }))
    }

    /// A call in the text. With `~>` the value on its left comes first.
    pub(super) fn call(
        &mut self,
        node: &'e Node,
        procedure: NodeId,
        args: &'e [NodeId],
        first: Option<Item>,
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Evaluated {
        let callee = self.eval(procedure, focus, frame)?;
        if callee.is_undefined() {
            self.forgotten_dollar(procedure, frame, "T1005", node.position)?;
        }
        let mut values = ArgList::new();
        values.extend(first);
        for arg in args {
            values.push(self.eval(*arg, focus, frame)?);
        }
        self.apply(&callee, values, focus).map_err(|fault| {
            fault.at_if_unknown(node.position).token_if_unknown(self.procedure_name(procedure))
        })
    }

    /// The name that messages give to a called function.
    fn procedure_name(&self, procedure: NodeId) -> Option<&'e str> {
        let name = match &self.node(procedure).kind {
            Kind::Variable(name) | Kind::Global(name) => *name,
            Kind::Path { steps, .. } => match self.node(*steps.first()?).kind {
                Kind::Name(name) => name,
                _ => return None,
            },
            _ => return None,
        };
        Some(&self.program.names[name as usize])
    }

    /// Helps who wrote `sum(…)` for `$sum(…)`.
    fn forgotten_dollar(
        &mut self,
        procedure: NodeId,
        frame: FrameId,
        code: &'static str,
        position: u32,
    ) -> Result<(), Fault> {
        let Kind::Path { steps, .. } = &self.node(procedure).kind else { return Ok(()) };
        let Kind::Name(name) = self.node(steps[0]).kind else { return Ok(()) };
        if self.variable(name, frame)?.is_undefined() {
            return Ok(());
        }
        Err(Fault::new(code).at(position).token(&self.program.names[name as usize]))
    }

    /// Calls a value, which may turn out to be no function.
    pub(super) fn apply(&mut self, callee: &Item, args: ArgList, focus: Focus<'_>) -> Evaluated {
        match callee.function() {
            Some(id) => self.apply_function(id, args, focus),
            None => Err(Fault::new("T1006")),
        }
    }

    /// Calls a function with arguments, as higher-order functions do.
    pub(crate) fn invoke(&mut self, id: FunctionId, args: ArgList) -> Evaluated {
        self.budget.steps(1)?;
        // A tail call of a built-in that calls functions needs no depth, but it does need the stack.
        self.budget.invocations += 1;
        if self.budget.invocations > self.budget.limits.depth {
            return Err(Fault::depth());
        }
        let result = self.apply_function(id, args, Focus::none())?;
        self.budget.invocations -= 1;
        Ok(result)
    }

    /// Calls a function, and then those that it ends with.
    fn apply_function(&mut self, id: FunctionId, args: ArgList, focus: Focus<'_>) -> Evaluated {
        let mark = self.environment.mark();
        let made = self.made.len();
        let (mut id, mut args) = (id, args);
        loop {
            let (params, body, parent, input, whole) = match self.callee(id) {
                Callee::Native => return self.call_native(id, args, focus),
                Callee::Other(function) => return self.call_other(function, args, focus),
                Callee::Chain(first, second) => {
                    self.budget.depth += 1;
                    self.check_depth()?;
                    let result = self.apply_function(first, args, Focus::none())?.collapse();
                    self.budget.depth -= 1;
                    (id, args) = (second, smallvec![result]);
                    continue;
                }
                Callee::Body { params, body, frame, input, whole } => (params, body, frame, input, whole),
            };
            let args_in = self.validated(id, args, focus)?;
            self.budget.steps(1)?;
            let bytes = 64 + params.names().len() * 48;
            self.budget.bytes(bytes)?;
            let mut args_in = args_in.into_iter();
            let bound =
                params.names().iter().map(|name| (*name, args_in.next().unwrap_or_default())).collect();
            let inner = self.environment.open(parent, bound);
            let body_focus = Focus { value: input.as_ref(), whole };
            let result = self.eval(body, body_focus, inner)?;
            let Item::TailCall(node, frame) = result else {
                self.release(mark, made, bytes);
                return Ok(result);
            };
            (id, args) = self.tail_call(node, body_focus, frame)?;
            self.release(mark, made, bytes);
        }
    }

    fn check_depth(&self) -> Result<(), Fault> {
        if self.budget.depth > self.budget.limits.depth { Err(Fault::depth()) } else { Ok(()) }
    }

    /// Frees frames that no function can have kept.
    fn release(&mut self, mark: usize, made: usize, bytes: usize) {
        if self.made.len() == made {
            self.environment.release(mark);
            self.budget.give_back(bytes);
        }
    }

    fn callee(&self, id: FunctionId) -> Callee<'e> {
        match self.made(id) {
            None => Callee::Native,
            Some(Function::Lambda { node, frame, input, whole }) => match &self.node(*node).kind {
                Kind::Lambda { params, body, .. } => Callee::Body {
                    params: Params::Declared(params),
                    body: *body,
                    frame: *frame,
                    input: input.clone(),
                    whole: *whole,
                },
                _ => Callee::Native,
            },
            Some(Function::PartialLambda { params, body, frame, input, whole }) => Callee::Body {
                params: Params::Left(Arc::clone(params)),
                body: *body,
                frame: *frame,
                input: input.clone(),
                whole: *whole,
            },
            Some(Function::Chain { first, second }) => Callee::Chain(*first, *second),
            Some(other) => Callee::Other(other.clone()),
        }
    }

    /// The function and the arguments of a call that ended another.
    fn tail_call(
        &mut self,
        node: NodeId,
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Result<(FunctionId, ArgList), Fault> {
        let call = self.node(node);
        let Kind::Call { procedure, args, .. } = &call.kind else { return Err(Fault::new("T1006")) };
        let callee = self.eval(*procedure, focus, frame)?;
        let Some(id) = callee.function() else {
            self.forgotten_dollar(*procedure, frame, "T1005", call.position)?;
            return Err(Fault::new("T1006")
                .at(call.position)
                .token_if_unknown(self.procedure_name(*procedure)));
        };
        let mut values = ArgList::new();
        for arg in args {
            values.push(self.eval(*arg, focus, frame)?);
        }
        Ok((id, values))
    }

    /// Makes a pending tail call, where something else than a call is to have its result.
    pub(super) fn finish_tail_call(&mut self, item: Item, focus: Focus<'_>) -> Evaluated {
        let Item::TailCall(node, frame) = item else { return Ok(item) };
        let (id, args) = self.tail_call(node, focus, frame)?;
        self.apply_function(id, args, focus)
    }

    fn validated(&mut self, id: FunctionId, args: ArgList, focus: Focus<'_>) -> Result<ArgList, Fault> {
        let Some(Function::Lambda { node, .. }) = self.made(id) else { return Ok(args) };
        match &self.node(*node).kind {
            Kind::Lambda { signature: Some(signature), .. } => {
                self.program.signatures[*signature as usize].validate(args, focus, &self.budget)
            }
            _ => Ok(args),
        }
    }

    fn call_native(&mut self, id: FunctionId, args: ArgList, focus: Focus<'_>) -> Evaluated {
        if let Some(pattern) = self.pattern(id) {
            let args = Args::new(args);
            let Some(text) = args.text(0) else { return Ok(Item::Undefined) };
            let from = args.number(1).map_or(0, |from| number_to_offset(&text, from));
            return self.match_object(pattern, text, from);
        }
        let Some(builtin) = functions::get(id) else { return Err(Fault::new("T1006")) };
        let args = builtin
            .signature()
            .validate(args, focus, &self.budget)
            .map_err(|fault| fault.token_if_unknown(Some(builtin.name)))?;
        (builtin.run)(self, &mut Args::new(args)).map_err(|fault| fault.token_if_unknown(Some(builtin.name)))
    }

    fn call_other(&mut self, function: Function, args: ArgList, focus: Focus<'_>) -> Evaluated {
        match function {
            Function::Partial { function, args: bound } => {
                let mut args = args.into_iter();
                let mut all: ArgList =
                    bound.into_iter().map(|arg| arg.or_else(|| args.next()).unwrap_or_default()).collect();
                while all.last().is_some_and(Item::is_undefined) {
                    all.pop();
                }
                self.budget.depth += 1;
                self.check_depth()?;
                let result = self.apply_function(function, all, focus)?;
                self.budget.depth -= 1;
                Ok(result)
            }
            Function::NextMatch { pattern, text, from } => self.following_match(pattern, text, from),
            Function::Transform { node, frame } => {
                let arg = args.into_iter().next().unwrap_or_default();
                self.transform(node, arg, frame)
            }
            _ => Err(Fault::new("T1006")),
        }
    }

    /// `f(?, x)`.
    pub(super) fn partial(
        &mut self,
        node: &'e Node,
        procedure: NodeId,
        args: &'e [Option<NodeId>],
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Evaluated {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            values.push(match arg {
                Some(arg) => Some(self.eval(*arg, focus, frame)?),
                None => None,
            });
        }
        let callee = self.eval(procedure, focus, frame)?;
        let Some(id) = callee.function() else {
            if callee.is_undefined() {
                self.forgotten_dollar(procedure, frame, "T1007", node.position)?;
            }
            let fault = Fault::new("T1008").at(node.position);
            return Err(fault.token_if_unknown(self.procedure_name(procedure)));
        };
        match self.callee(id) {
            Callee::Body { params, body, frame, input, whole } => {
                let mut open = Vec::new();
                let mut bound = Variables::new();
                for (at, name) in params.names().iter().copied().enumerate() {
                    match values.get_mut(at) {
                        Some(None) => open.push(name),
                        Some(Some(value)) => bound.push((name, std::mem::take(value))),
                        None => bound.push((name, Item::Undefined)),
                    }
                }
                self.budget.bytes(64 + bound.len() * 48)?;
                let frame = self.environment.open(frame, bound);
                self.make(Function::PartialLambda { params: open.into(), body, frame, input, whole })
            }
            _ => {
                self.budget.bytes(values.len() * 32)?;
                self.make(Function::Partial { function: id, args: values })
            }
        }
    }

    /// `lhs ~> rhs`.
    pub(super) fn apply_operator(
        &mut self,
        node: &'e Node,
        lhs: NodeId,
        rhs: NodeId,
        focus: Focus<'_>,
        frame: FrameId,
    ) -> Evaluated {
        let left = self.eval(lhs, focus, frame)?;
        let right_node = self.node(rhs);
        if let Kind::Call { procedure, args, .. } = &right_node.kind {
            return self.call(right_node, *procedure, args, Some(left), focus, frame);
        }
        let right = self.eval(rhs, focus, frame)?;
        let Some(second) = right.function() else {
            return Err(Fault::new("T2006").at(node.position).item("value", &right));
        };
        match left.function() {
            Some(first) => self.make(Function::Chain { first, second }),
            None => self.apply_function(second, smallvec![left], Focus::none()),
        }
    }
}

/// A position in UTF-16 units as a byte offset.
fn number_to_offset(text: &str, units: f64) -> usize {
    let mut left = units;
    let mut offset = 0;
    for c in text.chars() {
        if left < 1.0 {
            break;
        }
        #[expect(clippy::cast_precision_loss, reason = "it is one or two")]
        let units = c.len_utf16() as f64;
        left -= units;
        offset += c.len_utf8();
    }
    offset
}

/// The function that a value stands for.
pub(crate) fn of(value: &Value) -> Option<FunctionId> {
    function::id(value)
}
