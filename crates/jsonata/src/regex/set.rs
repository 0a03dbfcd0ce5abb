//! Sets of characters. Not for what is written between brackets.

/// Ranges of code points, perhaps all others are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Set {
    ranges: Vec<(u32, u32)>,
    negated: bool,
    ignore_case: bool,
    /// The first 128 characters, as far as the ranges and the case decide.
    ascii: u128,
}

const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];
const SPACE: &[(u32, u32)] = &[
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
];
const LINE_END: &[(u32, u32)] = &[(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)];

impl Set {
    /// `.`
    pub(super) fn any() -> Set {
        Set { ranges: LINE_END.to_vec(), negated: true, ..Set::default() }
    }

    /// `\d`, `\w`, `\s` and their opposites.
    pub(super) fn named(letter: char) -> Option<Set> {
        let ranges = match letter {
            'd' | 'D' => DIGIT,
            'w' | 'W' => WORD,
            's' | 'S' => SPACE,
            _ => return None,
        };
        Some(Set { ranges: ranges.to_vec(), negated: letter.is_ascii_uppercase(), ..Set::default() })
    }

    pub(super) fn add(&mut self, low: u32, high: u32) {
        self.ranges.push((low, high));
    }

    /// Adds all of another set.
    pub(super) fn add_set(&mut self, other: &Set) {
        if !other.negated {
            self.ranges.extend(&other.ranges);
            return;
        }
        let mut next = 0;
        let mut sorted = other.ranges.clone();
        sorted.sort_unstable();
        for (low, high) in sorted {
            if next < low {
                self.ranges.push((next, low - 1));
            }
            next = next.max(high + 1);
        }
        self.ranges.push((next, u32::from(char::MAX)));
    }

    pub(super) fn negate(&mut self) {
        self.negated = true;
    }

    /// Prepares the set for matching: ranges in order and apart.
    pub(super) fn finish(&mut self, ignore_case: bool) {
        self.ignore_case = ignore_case;
        self.ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len());
        for (low, high) in self.ranges.drain(..) {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        self.ranges = merged;
        for code in 0..128_u32 {
            let c = char::from_u32(code).unwrap_or_default();
            self.ascii |= u128::from(self.decide(c)) << code;
        }
    }

    pub(super) fn contains(&self, c: char) -> bool {
        let code = u32::from(c);
        if code < 128 { self.ascii >> code & 1 == 1 } else { self.decide(c) }
    }

    fn decide(&self, c: char) -> bool {
        let mut inside = self.has(c);
        if !inside && self.ignore_case {
            // Whatever differs from it only in case, as far as that is one character.
            let upper = fold(c);
            let lower = single(upper.to_lowercase());
            inside = self.has(upper) || lower.is_some_and(|lower| fold(lower) == upper && self.has(lower));
        }
        inside != self.negated
    }

    fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        let behind = self.ranges.partition_point(|(low, _)| *low <= code);
        behind > 0 && code <= self.ranges[behind - 1].1
    }
}

/// What JavaScript compares when case does not matter: the upper-case form, if that is one character and not suddenly ASCII.
pub(super) fn fold(c: char) -> char {
    match single(c.to_uppercase()) {
        Some(upper) if c.is_ascii() || !upper.is_ascii() => upper,
        _ => c,
    }
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// A character of `\w`.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A character that ends a line.
pub(super) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}
