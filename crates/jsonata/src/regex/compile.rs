//! From syntax to instructions of a backtracking machine. Not for running them.

use std::collections::HashMap;

use super::set::{self, Set};
use super::syntax::{Node, Syntax};

/// Instructions of one expression, counted repetitions written out.
const INSTRUCTIONS_MAX: usize = 20_000;

/// An instruction. `back` means that it goes backwards, inside of a look behind.
#[derive(Clone, Debug)]
pub(super) enum Instruction {
    Char {
        c: char,
        back: bool,
    },
    Set {
        set: u32,
        back: bool,
    },
    /// As many as possible, or as few, of a set.
    Many {
        set: u32,
        min: u32,
        max: u32,
        greedy: bool,
    },
    /// Goes on at the first, and if that fails at the second.
    Split(u32, u32),
    Jump(u32),
    Save(u32),
    /// Forgets groups from the first up to the second.
    Forget(u32, u32),
    /// Notes the place where a turn of a loop began.
    Mark(u32),
    /// Fails when the turn took nothing.
    Progress(u32),
    Start,
    End,
    Boundary(bool),
    Reference {
        group: u32,
        back: bool,
    },
    /// What follows, up to its `Matched`, has to match here, or must not; then it goes on at `next`.
    Look {
        negated: bool,
        next: u32,
    },
    Matched,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) code: Vec<Instruction>,
    pub(super) sets: Vec<Set>,
    pub(super) groups: usize,
    pub(super) marks: usize,
    pub(super) ignore_case: bool,
    pub(super) multi_line: bool,
    /// The character that every match begins with, if there is one.
    pub(super) first: Option<char>,
}

type Emitted = Result<(), &'static str>;

/// Compiles an expression.
pub(super) fn compile(syntax: &Syntax, ignore_case: bool, multi_line: bool) -> Result<Program, &'static str> {
    let mut compiler = Compiler {
        program: Program {
            code: Vec::new(),
            sets: syntax.sets.clone(),
            groups: syntax.groups,
            marks: 0,
            ignore_case,
            multi_line,
            first: None,
        },
        syntax,
        chars: HashMap::new(),
    };
    compiler.program.sets.iter_mut().for_each(|set| set.finish(ignore_case));
    compiler.node(&syntax.node, false)?;
    compiler.emit(Instruction::Matched)?;
    let mut program = compiler.program;
    program.first = match program.code.iter().find(|i| !matches!(i, Instruction::Save(_))) {
        Some(Instruction::Char { c, .. }) if !ignore_case => Some(*c),
        _ => None,
    };
    Ok(program)
}

struct Compiler<'s> {
    program: Program,
    syntax: &'s Syntax,
    /// Sets of one character.
    chars: HashMap<char, u32>,
}

impl Compiler<'_> {
    fn here(&self) -> u32 {
        u32::try_from(self.program.code.len()).unwrap_or(u32::MAX)
    }

    fn emit(&mut self, instruction: Instruction) -> Emitted {
        if self.program.code.len() >= INSTRUCTIONS_MAX {
            return Err("it is too large");
        }
        self.program.code.push(instruction);
        Ok(())
    }

    fn patch(&mut self, at: u32, instruction: Instruction) {
        self.program.code[at as usize] = instruction;
    }

    /// The set of one character.
    fn char_set(&mut self, c: char) -> u32 {
        if let Some(known) = self.chars.get(&c) {
            return *known;
        }
        let mut set = Set::default();
        set.add(u32::from(c), u32::from(c));
        set.finish(self.program.ignore_case);
        self.program.sets.push(set);
        let at = u32::try_from(self.program.sets.len() - 1).unwrap_or(u32::MAX);
        self.chars.insert(c, at);
        at
    }

    fn node(&mut self, node: &Node, back: bool) -> Emitted {
        match node {
            Node::Char(c) => {
                let c = if self.program.ignore_case { set::fold(*c) } else { *c };
                self.emit(Instruction::Char { c, back })
            }
            Node::Set(set) => self.emit(Instruction::Set { set: *set, back }),
            Node::Start => self.emit(Instruction::Start),
            Node::End => self.emit(Instruction::End),
            Node::Boundary(is) => self.emit(Instruction::Boundary(*is)),
            Node::Group(inner, None) => self.node(inner, back),
            Node::Group(inner, Some(number)) => {
                let slot = u32::try_from(number * 2).unwrap_or(u32::MAX);
                self.emit(Instruction::Save(slot + u32::from(back)))?;
                self.node(inner, back)?;
                self.emit(Instruction::Save(slot + u32::from(!back)))
            }
            Node::Reference(number) => self.reference(*number, back),
            Node::NamedReference(name) => {
                let group = self.syntax.names.iter().find(|(n, _)| n == name);
                self.reference(group.ok_or("invalid named reference")?.1, back)
            }
            Node::Look { node, behind, negated } => {
                let at = self.here();
                self.emit(Instruction::Matched)?;
                self.node(node, *behind)?;
                self.emit(Instruction::Matched)?;
                self.patch(at, Instruction::Look { negated: *negated, next: self.here() });
                Ok(())
            }
            Node::Sequence(nodes) if back => nodes.iter().rev().try_for_each(|node| self.node(node, back)),
            Node::Sequence(nodes) => nodes.iter().try_for_each(|node| self.node(node, back)),
            Node::Alternatives(nodes) => self.alternatives(nodes, back),
            Node::Repeat { node, min, max, greedy, groups } => {
                self.repeat(node, (*min, *max), *greedy, *groups, back)
            }
        }
    }

    fn reference(&mut self, number: usize, back: bool) -> Emitted {
        self.emit(Instruction::Reference { group: u32::try_from(number).unwrap_or(u32::MAX), back })
    }

    fn alternatives(&mut self, nodes: &[Node], back: bool) -> Emitted {
        let mut ends = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            if at + 1 == nodes.len() {
                self.node(node, back)?;
                break;
            }
            let split = self.here();
            self.emit(Instruction::Matched)?;
            self.node(node, back)?;
            ends.push(self.here());
            self.emit(Instruction::Matched)?;
            self.patch(split, Instruction::Split(split + 1, self.here()));
        }
        for end in ends {
            self.patch(end, Instruction::Jump(self.here()));
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        node: &Node,
        (min, max): (u32, Option<u32>),
        greedy: bool,
        groups: (usize, usize),
        back: bool,
    ) -> Emitted {
        if let (Some(set), false) = (self.single(node), back) {
            return self.emit(Instruction::Many { set, min, max: max.unwrap_or(u32::MAX), greedy });
        }
        for _ in 0..min {
            let before = self.here();
            self.turn(node, groups, back)?;
            if self.here() == before {
                // Nothing is nothing, however often.
                break;
            }
        }
        let Some(max) = max else { return self.endless(node, greedy, groups, back) };
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.here());
            self.emit(Instruction::Matched)?;
            self.checked_turn(node, groups, back)?;
        }
        for split in splits {
            self.patch(split, choice(split + 1, self.here(), greedy));
        }
        Ok(())
    }

    /// `x*`.
    fn endless(&mut self, node: &Node, greedy: bool, groups: (usize, usize), back: bool) -> Emitted {
        let split = self.here();
        self.emit(Instruction::Matched)?;
        self.checked_turn(node, groups, back)?;
        self.emit(Instruction::Jump(split))?;
        self.patch(split, choice(split + 1, self.here(), greedy));
        Ok(())
    }

    /// One turn of a loop: groups inside begin anew.
    fn turn(&mut self, node: &Node, (first, last): (usize, usize), back: bool) -> Emitted {
        if last > first {
            let slot = |group: usize| u32::try_from(group * 2 + 2).unwrap_or(u32::MAX);
            self.emit(Instruction::Forget(slot(first), slot(last)))?;
        }
        self.node(node, back)
    }

    /// A turn that is not needed: it has to take something.
    fn checked_turn(&mut self, node: &Node, groups: (usize, usize), back: bool) -> Emitted {
        let mark = u32::try_from(self.program.marks).unwrap_or(u32::MAX);
        self.program.marks += 1;
        self.emit(Instruction::Mark(mark))?;
        self.turn(node, groups, back)?;
        self.emit(Instruction::Progress(mark))
    }

    /// The set that a node is, when it always takes exactly one character.
    fn single(&mut self, node: &Node) -> Option<u32> {
        match node {
            Node::Set(set) => Some(*set),
            Node::Char(c) => Some(self.char_set(*c)),
            _ => None,
        }
    }
}

fn choice(turn: u32, end: u32, greedy: bool) -> Instruction {
    if greedy { Instruction::Split(turn, end) } else { Instruction::Split(end, turn) }
}
