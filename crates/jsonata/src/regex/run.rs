//! The backtracking machine. Its stack is its own, and every instruction is counted. Not for compiling.

use super::Match;
use super::compile::{Instruction, Program};
use super::set::{fold, is_line_end, is_word};
use crate::budget::Budget;
use crate::error::Fault;

/// Entries of the stack: some tens of megabytes.
const STACK_MAX: usize = 1 << 20;
/// Instructions that count as one step.
const INSTRUCTIONS_PER_STEP: u64 = 4;
/// No place: a group that took no part.
const NOWHERE: usize = usize::MAX;

/// What to do when something fails.
#[derive(Clone, Copy)]
enum Undo {
    /// Go on there.
    Branch {
        pc: u32,
        at: usize,
    },
    /// Give back one character of those that a repetition took, down to a place.
    Fewer {
        pc: u32,
        low: usize,
        at: usize,
    },
    /// Take one more of a set, so many at most.
    More {
        pc: u32,
        at: usize,
        left: u32,
        set: u32,
    },
    Slot {
        slot: u32,
        old: usize,
    },
    Mark {
        mark: u32,
        old: usize,
    },
}

struct Machine<'p, 't, 'b, 'c> {
    program: &'p Program,
    text: &'t str,
    slots: Vec<usize>,
    marks: Vec<usize>,
    stack: Vec<Undo>,
    budget: &'b mut Budget<'c>,
    pending: u64,
}

/// The first match at or behind a byte offset.
pub(super) fn find(
    program: &Program,
    text: &str,
    from: usize,
    budget: &mut Budget<'_>,
) -> Result<Option<Match>, Fault> {
    let mut machine = Machine {
        program,
        text,
        slots: vec![NOWHERE; program.groups * 2 + 2],
        marks: vec![NOWHERE; program.marks],
        stack: Vec::new(),
        budget,
        pending: 0,
    };
    let mut start = from;
    loop {
        if let Some(first) = program.first {
            match text[start..].find(first) {
                Some(skipped) => {
                    machine.count(skipped as u64 / 16)?;
                    start += skipped;
                }
                None => return Ok(None),
            }
        }
        if let Some(end) = machine.run(0, start)? {
            let group = |slot: &[usize]| match slot {
                [start, end] if *start != NOWHERE && *end != NOWHERE => Some((*start, *end)),
                _ => None,
            };
            let groups = machine.slots[2..].chunks(2).map(group).collect();
            return Ok(Some(Match { start, end, groups }));
        }
        match text[start..].chars().next() {
            Some(c) => start += c.len_utf8(),
            None => return Ok(None),
        }
    }
}

impl Machine<'_, '_, '_, '_> {
    fn count(&mut self, instructions: u64) -> Result<(), Fault> {
        self.pending += instructions;
        if self.pending < 64 {
            return Ok(());
        }
        let steps = self.pending / INSTRUCTIONS_PER_STEP;
        self.pending = 0;
        self.budget.steps(steps)
    }

    fn push(&mut self, undo: Undo) -> Result<(), Fault> {
        if self.stack.len() >= STACK_MAX {
            return Err(Fault::memory());
        }
        self.stack.push(undo);
        Ok(())
    }

    fn char_at(&self, at: usize, back: bool) -> Option<char> {
        if back { self.text[..at].chars().next_back() } else { self.text[at..].chars().next() }
    }

    /// Runs from an instruction at a place up to `Matched`; gives where it ended. What it changed stays changed if it matched.
    fn run(&mut self, pc: u32, at: usize) -> Result<Option<usize>, Fault> {
        let base = self.stack.len();
        let (mut pc, mut at) = (pc, at);
        loop {
            self.count(1)?;
            let instruction = &self.program.code[pc as usize];
            if let Instruction::Matched = instruction {
                // Choices are settled, but changes can still be undone from outside.
                let mut kept = base;
                for entry in base..self.stack.len() {
                    if matches!(self.stack[entry], Undo::Slot { .. } | Undo::Mark { .. }) {
                        self.stack.swap(kept, entry);
                        kept += 1;
                    }
                }
                self.stack.truncate(kept);
                return Ok(Some(at));
            }
            match self.step(instruction, pc, at)? {
                Some(next) => (pc, at) = next,
                None => match self.back_to(base)? {
                    Some(next) => (pc, at) = next,
                    None => return Ok(None),
                },
            }
        }
    }

    /// One instruction: where to go on, or nothing when it fails.
    fn step(&mut self, instruction: &Instruction, pc: u32, at: usize) -> Result<Option<(u32, usize)>, Fault> {
        let next = Some((pc + 1, at));
        Ok(match *instruction {
            Instruction::Char { c, back } => {
                let found = self.char_at(at, back);
                let same = |found: char| if self.program.ignore_case { fold(found) == c } else { found == c };
                found.filter(|found| same(*found)).map(|found| (pc + 1, moved(at, found, back)))
            }
            Instruction::Set { set, back } => {
                let set = &self.program.sets[set as usize];
                let found = self.char_at(at, back).filter(|c| set.contains(*c));
                found.map(|found| (pc + 1, moved(at, found, back)))
            }
            Instruction::Many { set, min, max, greedy } => return self.many(pc, at, set, (min, max), greedy),
            Instruction::Split(first, second) => {
                self.push(Undo::Branch { pc: second, at })?;
                Some((first, at))
            }
            Instruction::Jump(target) => Some((target, at)),
            Instruction::Save(slot) => {
                self.save(slot, at)?;
                next
            }
            Instruction::Forget(first, last) => {
                for slot in first..last {
                    if self.slots[slot as usize] != NOWHERE {
                        self.save(slot, NOWHERE)?;
                    }
                }
                self.count(u64::from(last - first))?;
                next
            }
            Instruction::Mark(mark) => {
                let old = std::mem::replace(&mut self.marks[mark as usize], at);
                self.push(Undo::Mark { mark, old })?;
                next
            }
            Instruction::Progress(mark) => next.filter(|_| self.marks[mark as usize] != at),
            Instruction::Start => next.filter(|_| self.at_line(at, true)),
            Instruction::End => next.filter(|_| self.at_line(at, false)),
            Instruction::Boundary(wanted) => {
                let word = |back| self.char_at(at, back).is_some_and(is_word);
                next.filter(|_| (word(true) != word(false)) == wanted)
            }
            Instruction::Reference { group, back } => self.reference(group, at, back)?.map(|at| (pc + 1, at)),
            Instruction::Look { negated, next } => self.look(pc, at, negated)?.then_some((next, at)),
            Instruction::Matched => None,
        })
    }

    fn save(&mut self, slot: u32, at: usize) -> Result<(), Fault> {
        let old = std::mem::replace(&mut self.slots[slot as usize], at);
        self.push(Undo::Slot { slot, old })
    }

    /// Whether a line starts or ends here.
    fn at_line(&self, at: usize, start: bool) -> bool {
        match self.char_at(at, start) {
            None => true,
            Some(c) => self.program.multi_line && is_line_end(c),
        }
    }

    /// Repeats a set: as many as there are, to be given back one by one, or as few as needed.
    fn many(
        &mut self,
        pc: u32,
        at: usize,
        set: u32,
        (min, max): (u32, u32),
        greedy: bool,
    ) -> Result<Option<(u32, usize)>, Fault> {
        let members = &self.program.sets[set as usize];
        let wanted = if greedy { max } else { min };
        let (mut end, mut low, mut count) = (at, at, 0);
        for c in self.text[at..].chars() {
            if count == wanted || !members.contains(c) {
                break;
            }
            end += c.len_utf8();
            count += 1;
            if count <= min {
                low = end;
            }
        }
        self.count(u64::from(count) / 4 + 1)?;
        if count < min {
            return Ok(None);
        }
        if greedy {
            if end > low {
                self.push(Undo::Fewer { pc: pc + 1, low, at: end })?;
            }
        } else if max > min {
            self.push(Undo::More { pc: pc + 1, at: end, left: max - min, set })?;
        }
        Ok(Some((pc + 1, end)))
    }

    fn reference(&mut self, group: u32, at: usize, back: bool) -> Result<Option<usize>, Fault> {
        let slot = group as usize * 2;
        let (start, end) = (self.slots[slot], self.slots[slot + 1]);
        if start == NOWHERE || end == NOWHERE || start > end {
            return Ok(Some(at));
        }
        self.count((end - start) as u64 / 4)?;
        let length = end - start;
        let here = if back { at.checked_sub(length).map(|from| (from, at)) } else { Some((at, at + length)) };
        let Some((from, to)) = here else { return Ok(None) };
        let wanted = &self.text[start..end];
        let same = match self.text.get(from..to) {
            Some(found) if self.program.ignore_case => found.chars().map(fold).eq(wanted.chars().map(fold)),
            Some(found) => found == wanted,
            None => false,
        };
        Ok(same.then_some(if back { from } else { to }))
    }

    /// Whether what follows matches here, or does not. The depth of the stack is bounded by how deep groups nest.
    fn look(&mut self, pc: u32, at: usize, negated: bool) -> Result<bool, Fault> {
        let base = self.stack.len();
        let found = self.run(pc + 1, at)?.is_some();
        if negated && found {
            // What it captured must not be seen.
            while self.stack.len() > base {
                self.undo_top();
            }
        }
        Ok(found != negated)
    }

    /// Undoes the topmost change, without going anywhere.
    fn undo_top(&mut self) {
        match self.stack.pop() {
            Some(Undo::Slot { slot, old }) => self.slots[slot as usize] = old,
            Some(Undo::Mark { mark, old }) => self.marks[mark as usize] = old,
            _ => {}
        }
    }

    /// Undoes changes back to the last choice above `base`, and takes it.
    fn back_to(&mut self, base: usize) -> Result<Option<(u32, usize)>, Fault> {
        while self.stack.len() > base {
            self.count(1)?;
            match self.stack.last().copied() {
                Some(Undo::Branch { pc, at }) => {
                    self.stack.pop();
                    return Ok(Some((pc, at)));
                }
                Some(Undo::Fewer { pc, low, at }) => {
                    self.stack.pop();
                    let less = at - self.char_at(at, true).map_or(1, char::len_utf8);
                    if less > low {
                        self.stack.push(Undo::Fewer { pc, low, at: less });
                    }
                    return Ok(Some((pc, less)));
                }
                Some(Undo::More { pc, at, left, set }) => {
                    self.stack.pop();
                    let members = &self.program.sets[set as usize];
                    let Some(c) = self.char_at(at, false).filter(|c| members.contains(*c)) else { continue };
                    let more = at + c.len_utf8();
                    if left > 1 {
                        self.stack.push(Undo::More { pc, at: more, left: left - 1, set });
                    }
                    return Ok(Some((pc, more)));
                }
                _ => self.undo_top(),
            }
        }
        Ok(None)
    }
}

fn moved(at: usize, c: char, back: bool) -> usize {
    if back { at - c.len_utf8() } else { at + c.len_utf8() }
}
