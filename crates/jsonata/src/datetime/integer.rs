//! Pictures for integers: `1`, `#,##0`, `001;o`, `i`, `A`, `Ww`. Not for dates, which use these for their parts.

use super::words;
use crate::error::Fault;
use crate::number;

/// Code points of the digit zero in the decimal systems that pictures may use.
const ZEROS: [u32; 37] = [
    0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];
/// More digits than this are refused before they are written.
const DIGITS_MAX: usize = 1 << 20;

/// Upper, lower or title case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Lower,
    Title,
}

/// How an integer is written.
#[derive(Clone, Debug)]
pub(super) enum Style {
    Letters,
    Roman,
    Words,
    Decimal(Decimal),
    /// A numbering that nobody supports.
    Sequence(String),
}

/// Digits and separators.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    zero: u32,
    pub(super) mandatory: usize,
    pub(super) optional: usize,
    /// Separators with their distance from the right, in digits, rightmost first.
    separators: Vec<(usize, char)>,
    /// The distance and the sign when all separators are alike and equally far from each other.
    pub(super) regular: Option<(usize, char)>,
}

/// A picture, understood.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pub(super) style: Style,
    pub(super) case: Case,
    pub(super) ordinal: bool,
}

impl Format {
    pub(super) fn new(picture: &str) -> Result<Format, Fault> {
        let (primary, modifier) = picture.rsplit_once(';').unwrap_or((picture, ""));
        let (style, case) = match primary {
            "A" => (Style::Letters, Case::Upper),
            "a" => (Style::Letters, Case::Lower),
            "I" => (Style::Roman, Case::Upper),
            "i" => (Style::Roman, Case::Lower),
            "W" => (Style::Words, Case::Upper),
            "Ww" => (Style::Words, Case::Title),
            "w" => (Style::Words, Case::Lower),
            other => (Decimal::style(other)?, Case::Lower),
        };
        Ok(Format { style, case, ordinal: modifier.starts_with('o') })
    }

    /// The digits, if it is written in digits.
    pub(super) fn decimal(&self) -> Option<&Decimal> {
        match &self.style {
            Style::Decimal(decimal) => Some(decimal),
            _ => None,
        }
    }

    pub(super) fn decimal_mut(&mut self) -> Option<&mut Decimal> {
        match &mut self.style {
            Style::Decimal(decimal) => Some(decimal),
            _ => None,
        }
    }

    /// An error for a numbering that nobody supports.
    pub(super) fn check_supported(&self) -> Result<(), Fault> {
        match &self.style {
            Style::Sequence(token) => Err(Fault::new("D3130").string("value", token)),
            _ => Ok(()),
        }
    }

    /// The text of an integral number.
    pub(super) fn text(&self, number: f64, exact: Option<i64>) -> Result<String, Fault> {
        self.check_supported()?;
        if !number.is_finite() {
            return Err(Fault::new("D1001").text("value", "null".to_owned()));
        }
        let magnitude = number.abs();
        let text = match &self.style {
            Style::Letters => words::to_letters(magnitude, if self.case == Case::Upper { 'A' } else { 'a' }),
            Style::Roman => self.cased(words::to_roman(magnitude)?),
            Style::Words => self.cased(words::to_words(magnitude, self.ordinal)),
            Style::Decimal(decimal) => {
                let digits = match exact {
                    Some(i) => i.unsigned_abs().to_string(),
                    None => number::js_text(magnitude),
                };
                decimal.text(digits, self.ordinal)?
            }
            Style::Sequence(_) => String::new(),
        };
        Ok(if number < 0.0 { format!("-{text}") } else { text })
    }

    fn cased(&self, text: String) -> String {
        match self.case {
            Case::Upper => text.to_uppercase(),
            Case::Lower => text.to_lowercase(),
            Case::Title => text,
        }
    }

    /// The number of a text; not a number when it does not fit.
    pub(super) fn number(&self, text: &str) -> f64 {
        match &self.style {
            Style::Letters => words::from_letters(text, if self.case == Case::Upper { 'A' } else { 'a' }),
            Style::Roman if self.case == Case::Upper => words::from_roman(text),
            Style::Roman => words::from_roman(&text.to_uppercase()),
            Style::Words => words::from_words(&text.to_lowercase()),
            Style::Decimal(decimal) => decimal.number(text, self.ordinal),
            Style::Sequence(_) => f64::NAN,
        }
    }

    /// A regular expression for such texts; `digits` is how many there are, if that is fixed.
    pub(super) fn pattern(&self, digits: Option<usize>) -> String {
        let upper = self.case == Case::Upper;
        match &self.style {
            Style::Letters => (if upper { "[A-Z]+" } else { "[a-z]+" }).to_owned(),
            Style::Roman => (if upper { "[MDCLXVI]+" } else { "[mdclxvi]+" }).to_owned(),
            Style::Words => format!("(?:{}|and|[\\-, ])+", words::alternatives()),
            Style::Decimal(decimal) => {
                let count = match digits {
                    Some(n) if decimal.optional == 0 => format!("{{{n}}}"),
                    Some(n) => format!("{{{},{n}}}", n.saturating_sub(decimal.optional)),
                    None => "+".to_owned(),
                };
                let suffix = if self.ordinal { "(?:th|st|nd|rd)" } else { "" };
                format!("[0-9]{count}{suffix}")
            }
            Style::Sequence(_) => String::new(),
        }
    }
}

impl Decimal {
    fn style(picture: &str) -> Result<Style, Fault> {
        let mut zero = None;
        let mut decimal =
            Decimal { zero: 0x30, mandatory: 0, optional: 0, separators: Vec::new(), regular: None };
        for c in picture.chars().rev() {
            let code = u32::from(c);
            let distance = decimal.mandatory + decimal.optional;
            if let Some(system) = ZEROS.into_iter().find(|zero| (*zero..=*zero + 9).contains(&code)) {
                decimal.mandatory += 1;
                if *zero.get_or_insert(system) != system {
                    return Err(Fault::new("D3131"));
                }
            } else if c == '#' {
                decimal.optional += 1;
            } else {
                decimal.separators.push((distance, c));
            }
        }
        let Some(zero) = zero else { return Ok(Style::Sequence(picture.to_owned())) };
        decimal.zero = zero;
        decimal.regular = regular(&decimal.separators);
        Ok(Style::Decimal(decimal))
    }

    fn text(&self, digits: String, ordinal: bool) -> Result<String, Fault> {
        if self.mandatory > DIGITS_MAX {
            return Err(Fault::memory());
        }
        let padded = format!("{digits:0>width$}", width = self.mandatory);
        let shift = |c: char| char::from_u32(u32::from(c) + self.zero - 0x30).unwrap_or(c);
        let digits: Vec<char> = padded.chars().map(shift).collect();
        let mut out = String::new();
        if self.regular.is_none() {
            // Separators beyond the first digit all end up before it.
            let beyond = self.separators.iter().rev().filter(|(distance, _)| *distance > digits.len());
            out.extend(beyond.map(|(_, sign)| *sign));
        }
        for (at, c) in digits.iter().enumerate() {
            let left = digits.len() - at;
            match self.regular {
                Some((every, sign)) if at > 0 && left.is_multiple_of(every) => out.push(sign),
                Some(_) => {}
                None => {
                    let here = self.separators.iter().rev().filter(|(distance, _)| *distance == left);
                    out.extend(here.map(|(_, sign)| *sign));
                }
            }
            out.push(*c);
        }
        if self.regular.is_none() {
            out.extend(self.separators.iter().rev().filter(|(distance, _)| *distance == 0).map(|(_, s)| *s));
        }
        if ordinal {
            out.push_str(suffix(&out));
        }
        Ok(out)
    }

    fn number(&self, text: &str, ordinal: bool) -> f64 {
        let text = match text.char_indices().rev().nth(1) {
            Some((at, _)) if ordinal => &text[..at],
            _ if ordinal => "",
            _ => text,
        };
        let separator = |c: char| match self.regular {
            Some(_) => c == ',',
            None => self.separators.iter().any(|(_, sign)| *sign == c),
        };
        let shift = |c: char| {
            let code = (u32::from(c) + 0x30).checked_sub(self.zero);
            code.and_then(char::from_u32).unwrap_or(c)
        };
        let digits: String = text.chars().filter(|c| !separator(*c)).map(shift).collect();
        parse_int(&digits)
    }
}

/// `st`, `nd`, `rd` or `th`.
fn suffix(digits: &str) -> &'static str {
    let mut last = digits.chars().rev();
    let (ones, tens) = (last.next(), last.next());
    match ones {
        _ if tens == Some('1') => "th",
        Some('1') => "st",
        Some('2') => "nd",
        Some('3') => "rd",
        _ => "th",
    }
}

fn regular(separators: &[(usize, char)]) -> Option<(usize, char)> {
    fn gcd(a: usize, b: usize) -> usize {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    let (_, sign) = *separators.first()?;
    if separators.iter().any(|(_, other)| *other != sign) {
        return None;
    }
    let factor = separators.iter().map(|(distance, _)| *distance).reduce(gcd).filter(|factor| *factor > 0)?;
    let places: std::collections::BTreeSet<usize> =
        separators.iter().map(|(distance, _)| *distance).collect();
    (1..=separators.len()).all(|index| places.contains(&(index * factor))).then_some((factor, sign))
}

/// JavaScript's `parseInt`: the number at the start of a text.
pub(super) fn parse_int(text: &str) -> f64 {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.bytes().take_while(u8::is_ascii_digit).count();
    digits[..end].parse::<f64>().map_or(f64::NAN, |n| sign * n)
}
