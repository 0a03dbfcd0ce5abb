//! What an evaluation may use. Not for clocks: a deadline is a flag that the caller raises.

use std::cell::Cell;
use std::fmt;

use crate::error::Fault;

/// Limits of one evaluation. The defaults are the service's as far as they are known, and otherwise generous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Expressions inside each other, counted where the reference implementation counts. The service's limit is 100 (measured
    /// by third parties); more than 200 risks the stack.
    pub depth: u32,
    /// Evaluated nodes and turns of loops inside functions, all together.
    pub steps: u64,
    /// The size of one string in bytes, or of one sequence at eight bytes an element. The service refuses the range
    /// `[1..873783]` and a string of 2^23 characters, and takes `[1..873782]` and 2^22 (measured by third parties).
    pub value_bytes: u64,
    /// Everything that is built on the way, in bytes as this implementation holds it.
    pub total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 100, steps: 50_000_000, value_bytes: 6_990_256, total_bytes: 160 << 20 }
    }
}

/// The limits and what is left of them.
pub(crate) struct Budget<'a> {
    pub(crate) limits: Limits,
    pub(crate) depth: u32,
    /// Built-ins inside each other that are calling functions.
    pub(crate) invocations: u32,
    // Counters are cells so that a value can be borrowed from the evaluation while steps are counted.
    steps_left: Cell<u64>,
    bytes_left: Cell<u64>,
    /// Steps until the flag is looked at again.
    until_check: Cell<u64>,
    cancelled: &'a dyn Fn() -> bool,
}

/// Steps between two looks at the flag: some microseconds.
const CHECK_EVERY: u64 = 512;

impl fmt::Debug for Budget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("limits", &self.limits)
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: Limits, cancelled: &'a dyn Fn() -> bool) -> Budget<'a> {
        Budget {
            limits,
            depth: 0,
            invocations: 0,
            steps_left: Cell::new(limits.steps),
            bytes_left: Cell::new(limits.total_bytes),
            until_check: Cell::new(CHECK_EVERY),
            cancelled,
        }
    }

    /// Takes steps.
    #[inline]
    pub(crate) fn steps(&self, count: u64) -> Result<(), Fault> {
        let left = self.until_check.get();
        if count < left {
            self.until_check.set(left - count);
            return Ok(());
        }
        self.check(count)
    }

    #[cold]
    fn check(&self, count: u64) -> Result<(), Fault> {
        let used = CHECK_EVERY - self.until_check.replace(CHECK_EVERY) + count;
        let left = self.steps_left.get();
        if used > left || (self.cancelled)() {
            self.steps_left.set(0);
            return Err(Fault::timeout());
        }
        self.steps_left.set(left - used);
        Ok(())
    }

    /// Takes memory, before it is allocated.
    #[inline]
    pub(crate) fn bytes(&self, count: usize) -> Result<(), Fault> {
        let (count, left) = (count as u64, self.bytes_left.get());
        if count > left {
            return Err(Fault::memory());
        }
        self.bytes_left.set(left - count);
        Ok(())
    }

    /// Memory that was taken and is free again.
    #[inline]
    pub(crate) fn give_back(&self, count: usize) {
        self.bytes_left.set(self.bytes_left.get() + count as u64);
    }

    /// Takes a string of that many bytes.
    pub(crate) fn string(&self, bytes: usize) -> Result<(), Fault> {
        if bytes as u64 > self.limits.value_bytes {
            return Err(Fault::memory());
        }
        self.steps(bytes as u64 / 64)?;
        self.bytes(bytes.saturating_add(32))
    }

    /// Takes an array of that many elements.
    pub(crate) fn array(&self, elements: usize) -> Result<(), Fault> {
        if (elements as u64).saturating_mul(8) > self.limits.value_bytes {
            return Err(Fault::memory());
        }
        self.steps(elements as u64 / 8)?;
        self.bytes(elements.saturating_mul(size_of::<value::Value>()).saturating_add(64))
    }

    /// Takes an object of that many members.
    pub(crate) fn object(&self, members: usize) -> Result<(), Fault> {
        self.steps(members as u64)?;
        self.bytes(members.saturating_mul(112).saturating_add(64))
    }
}
