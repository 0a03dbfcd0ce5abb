//! Integers in English words, Roman numerals and letters. Not for digits.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::error::Fault;

const FEW: [&str; 20] = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
];
const ORDINALS: [&str; 20] = [
    "Zeroth",
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
    "Eleventh",
    "Twelfth",
    "Thirteenth",
    "Fourteenth",
    "Fifteenth",
    "Sixteenth",
    "Seventeenth",
    "Eighteenth",
    "Nineteenth",
];
const DECADES: [&str; 9] =
    ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety", "Hundred"];
const MAGNITUDES: [&str; 4] = ["Thousand", "Million", "Billion", "Trillion"];

/// A natural number in words.
pub(super) fn to_words(number: f64, ordinal: bool) -> String {
    let mut out = String::new();
    write_words(number, false, ordinal, &mut out);
    out
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the ranges were checked")]
fn write_words(number: f64, continued: bool, ordinal: bool, out: &mut String) {
    if number <= 19.0 {
        out.push_str(if continued { " and " } else { "" });
        out.push_str(if ordinal { ORDINALS[number as usize] } else { FEW[number as usize] });
    } else if number < 100.0 {
        let rest = number % 10.0;
        out.push_str(if continued { " and " } else { "" });
        out.push_str(DECADES[(number / 10.0) as usize - 2]);
        if rest > 0.0 {
            out.push('-');
            write_words(rest, false, ordinal, out);
        } else if ordinal {
            out.pop();
            out.push_str("ieth");
        }
    } else if number < 1000.0 {
        out.push_str(if continued { ", " } else { "" });
        out.push_str(FEW[(number / 100.0) as usize]);
        out.push_str(" Hundred");
        write_rest(number % 100.0, ordinal, out);
    } else {
        let magnitude = ((number.log10() / 3.0) as usize).clamp(1, MAGNITUDES.len());
        let factor = 1000_f64.powi(i32::try_from(magnitude).unwrap_or(4));
        let count = (number / factor).floor();
        out.push_str(if continued { ", " } else { "" });
        write_words(count, false, false, out);
        out.push(' ');
        out.push_str(MAGNITUDES[magnitude - 1]);
        write_rest((number - count * factor).clamp(0.0, factor), ordinal, out);
    }
}

fn write_rest(rest: f64, ordinal: bool, out: &mut String) {
    if rest > 0.0 {
        write_words(rest, true, ordinal, out);
    } else if ordinal {
        out.push_str("th");
    }
}

/// The value of each word, in lower case, in the order in which a pattern should try them.
fn values() -> &'static (Vec<String>, HashMap<String, f64>) {
    static VALUES: OnceLock<(Vec<String>, HashMap<String, f64>)> = OnceLock::new();
    VALUES.get_or_init(|| {
        let mut words: Vec<(String, f64)> = Vec::new();
        for names in [FEW, ORDINALS] {
            words.extend(names.iter().zip(0_u32..).map(|(name, n)| (name.to_lowercase(), f64::from(n))));
        }
        for (name, n) in DECADES.iter().zip(2_u32..) {
            let name = name.to_lowercase();
            let ordinal = format!("{}ieth", &name[..name.len() - 1]);
            words.push((name, f64::from(n * 10)));
            words.push((ordinal, f64::from(n * 10)));
        }
        words.push(("hundredth".to_owned(), 100.0));
        for (name, n) in MAGNITUDES.iter().zip(1..) {
            let value = 1000_f64.powi(n);
            words.push((name.to_lowercase(), value));
            words.push((format!("{}th", name.to_lowercase()), value));
        }
        (words.iter().map(|(word, _)| word.clone()).collect(), words.into_iter().collect())
    })
}

/// All words, as alternatives of a regular expression.
pub(super) fn alternatives() -> String {
    values().0.join("|")
}

/// The number that words stand for; not a number if one of them is unknown.
pub(super) fn from_words(text: &str) -> f64 {
    let values = &values().1;
    let mut segments = vec![0.0];
    for word in split_words(text) {
        let value = values.get(word).copied().unwrap_or(f64::NAN);
        let top = segments.pop().unwrap_or(0.0);
        if value < 100.0 {
            if top >= 1000.0 {
                segments.push(top);
                segments.push(value);
            } else {
                segments.push(top + value);
            }
        } else {
            segments.push(top * value);
        }
    }
    segments.iter().sum()
}

/// Cuts at `, `, ` and `, blanks, hyphens and backslashes, as the reference implementation does.
fn split_words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let blank = |s: &str| s.chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let separator = if let Some(after) = rest.strip_prefix(',') {
            Some(blank(after)).filter(|b| *b > 0).map(|b| b + 1)
        } else if blank(rest) > 0 {
            let after = &rest[blank(rest)..];
            let and = after.strip_prefix("and").map_or(0, blank);
            Some(if and > 0 { blank(rest) + 3 + and } else { blank(rest) })
        } else {
            matches!(c, '-' | '\\').then_some(1)
        };
        match separator {
            Some(length) => {
                words.push(&text[start..at]);
                at += length;
                start = at;
            }
            None => at += c.len_utf8(),
        }
    }
    words.push(&text[start..]);
    words
}

const ROMAN: [(f64, &str); 13] = [
    (1000.0, "m"),
    (900.0, "cm"),
    (500.0, "d"),
    (400.0, "cd"),
    (100.0, "c"),
    (90.0, "xc"),
    (50.0, "l"),
    (40.0, "xl"),
    (10.0, "x"),
    (9.0, "ix"),
    (5.0, "v"),
    (4.0, "iv"),
    (1.0, "i"),
];

/// Lower-case Roman numerals; nothing for zero.
pub(super) fn to_roman(number: f64) -> Result<String, Fault> {
    /// A thousand times this many digits.
    const THOUSANDS_MAX: f64 = 1e6;
    if number / 1000.0 > THOUSANDS_MAX {
        return Err(Fault::memory());
    }
    let mut left = number;
    let mut out = String::new();
    for (value, numeral) in ROMAN {
        while left >= value {
            out.push_str(numeral);
            left -= value;
        }
    }
    Ok(out)
}

/// The value of upper-case Roman numerals; not a number if there is anything else.
pub(super) fn from_roman(text: &str) -> f64 {
    let mut sum = 0.0;
    let mut most = 1.0;
    for c in text.chars().rev() {
        let value = match c {
            'M' => 1000.0,
            'D' => 500.0,
            'C' => 100.0,
            'L' => 50.0,
            'X' => 10.0,
            'V' => 5.0,
            'I' => 1.0,
            _ => f64::NAN,
        };
        if value < most {
            sum -= value;
        } else {
            most = value;
            sum += value;
        }
    }
    sum
}

/// `a`, `b`, … `z`, `aa`, …; nothing for zero.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the remainder is below 26")]
pub(super) fn to_letters(number: f64, first: char) -> String {
    let mut left = number;
    let mut out = Vec::new();
    while left > 0.0 {
        out.push(char::from_u32(u32::from(first) + ((left - 1.0) % 26.0) as u32).unwrap_or(first));
        left = ((left - 1.0) / 26.0).floor();
    }
    out.iter().rev().collect()
}

/// The inverse of [`to_letters`].
pub(super) fn from_letters(text: &str, first: char) -> f64 {
    let digit = |c: char| f64::from(u32::from(c)) - f64::from(u32::from(first)) + 1.0;
    text.chars().fold(0.0, |sum, c| sum * 26.0 + digit(c))
}
