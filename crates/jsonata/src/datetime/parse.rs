//! Times read from text, by a picture or as ISO 8601. Not for integers alone.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::calendar::{DAY_MS, Moment, days};
use super::format::{DAYS, MONTHS};
use super::integer::parse_int;
use super::picture::{self, Marker, Part};
use crate::budget::Budget;
use crate::error::Fault;
use crate::regex::Pattern;

/// What is to be done with the text of a part.
enum Reader {
    Nothing,
    Integer(Marker),
    Names(Vec<(String, f64)>),
    Zone { greenwich: bool, separator: Option<char> },
}

/// Components by their letter; what a text did not give is missing.
type Components = BTreeMap<char, f64>;

/// `$toMillis` with a picture; none when the text does not fit it.
pub(crate) fn parse(
    text: &str,
    picture: &str,
    now_ms: i64,
    budget: &mut Budget<'_>,
) -> Result<Option<f64>, Fault> {
    let mut source = String::from("^");
    let mut readers = Vec::new();
    for part in picture::analyse(picture)? {
        let letter = match &part {
            Part::Marker(marker) => marker.component,
            Part::Literal(_) => ' ',
        };
        let (pattern, reader) = reader(part)?;
        source.push('(');
        source.push_str(&pattern);
        source.push(')');
        readers.push((letter, reader));
    }
    source.push('$');
    // Compiling costs far more than its length suggests.
    budget.steps(2000 + source.len() as u64 * 16)?;
    let pattern = Pattern::compile(&source, true, false, 0)?;
    let Some(found) = pattern.find(text, 0, budget)? else { return Ok(None) };
    let mut components = Components::new();
    let mut specified = false;
    for ((letter, reader), group) in readers.iter().zip(&found.groups) {
        let text = group.map_or("", |(start, end)| &text[start..end]);
        match read(reader, text) {
            Some(value) => _ = components.insert(*letter, value),
            None if matches!(reader, Reader::Nothing) => {}
            None => _ = components.remove(letter),
        }
        specified |= !matches!(reader, Reader::Nothing);
    }
    if !specified {
        return Ok(None);
    }
    resolve(components, now_ms).map(Some)
}

/// The regular expression of a part, and how to read what it matches.
fn reader(part: Part) -> Result<(String, Reader), Fault> {
    let marker = match part {
        Part::Literal(text) => return Ok((escaped(&text), Reader::Nothing)),
        Part::Marker(marker) => marker,
    };
    if matches!(marker.component, 'Z' | 'z') {
        let regular = marker.integer.as_ref().and_then(|format| format.decimal()?.regular);
        let separator = regular.map(|(_, sign)| sign);
        let greenwich = marker.component == 'z';
        let mut pattern = String::from(if greenwich { "GMT[-+][0-9]+" } else { "[-+][0-9]+" });
        if let Some(sign) = separator {
            pattern.push_str(&escaped(&sign.to_string()));
            pattern.push_str("[0-9]+");
        }
        return Ok((pattern, Reader::Zone { greenwich, separator }));
    }
    if let Some(format) = &marker.integer {
        format.check_supported()?;
        let pattern = format.pattern(marker.digits.filter(|digits| *digits > 0));
        return Ok((pattern, Reader::Integer(marker)));
    }
    let names: Vec<(String, f64)> = match marker.component {
        'M' | 'x' => numbered(&MONTHS, marker.width_max),
        'F' => numbered(&DAYS, marker.width_max),
        'P' => [("am", 0.0), ("AM", 0.0), ("pm", 1.0), ("PM", 1.0)].map(|(n, v)| (n.to_owned(), v)).into(),
        other => return Err(Fault::new("D3133").string("value", &other.to_string())),
    };
    Ok(("[a-zA-Z]+".to_owned(), Reader::Names(names)))
}

/// Names, perhaps cut, with their numbers from 1.
fn numbered(names: &[&str], width: Option<usize>) -> Vec<(String, f64)> {
    let width = width.filter(|width| *width > 0).unwrap_or(usize::MAX);
    names.iter().zip(1_u32..).map(|(name, n)| (name.chars().take(width).collect(), f64::from(n))).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if ".*+?^${}()|[]\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn read(reader: &Reader, text: &str) -> Option<f64> {
    match reader {
        Reader::Nothing => None,
        Reader::Integer(marker) => Some(marker.integer.as_ref()?.number(text)),
        Reader::Names(names) => names.iter().rev().find(|(name, _)| name == text).map(|(_, value)| *value),
        Reader::Zone { greenwich, separator } => {
            let text = if *greenwich { text.get(3..)? } else { text };
            let (hours, minutes) = match separator {
                Some(sign) => text.split_once(*sign)?,
                None if text.len() <= 3 => (text, "0"),
                None => text.split_at_checked(3)?,
            };
            Some(parse_int(hours) * 60.0 + parse_int(minutes))
        }
    }
}

/// Whether components are given in one of the ways that make up a date or a time: none that must not be, at least one that may.
fn is_type(components: &Components, letters: &str, wanted: &str) -> bool {
    let given = |letter: char| components.get(&letter).is_some_and(|value| *value != 0.0 && !value.is_nan());
    letters.chars().all(|letter| wanted.contains(letter) || !given(letter)) && wanted.chars().any(given)
}

/// Fills in what is missing, from now or with zeros, and makes it a time.
fn resolve(mut components: Components, now_ms: i64) -> Result<f64, Fault> {
    const DATE: &str = "YXMxWwdD";
    const TIME: &str = "PHhmsf";
    let date_a = is_type(&components, DATE, "YMD");
    let date_b = !date_a && is_type(&components, DATE, "Yd");
    let date_c = is_type(&components, DATE, "Xxw");
    let date_d = !date_c && is_type(&components, DATE, "XW");
    let time_a = is_type(&components, TIME, "Hmsf");
    let time_b = !time_a && is_type(&components, TIME, "Phmsf");
    let letters = match (date_b, date_c, date_d) {
        (true, _, _) => "YD",
        (_, true, _) => "XxwF",
        (_, _, true) => "XWF",
        _ => "YMD",
    };
    fill(&mut components, letters, if time_b { "Phmsf" } else { "Hmsf" }, now_ms)?;
    if date_c || date_d {
        return Err(Fault::new("D3136"));
    }
    let get = |letter: char| components.get(&letter).copied().unwrap_or(f64::NAN);
    let mut month = if get('M') > 0.0 { get('M') } else { 1.0 };
    let mut day = get('D');
    if date_b {
        (month, day) = (1.0, get('d'));
    }
    let mut hour = get('H');
    if time_b {
        hour = if get('h') == 12.0 { 0.0 } else { get('h') };
        hour += if get('P') == 1.0 { 12.0 } else { 0.0 };
    }
    let millis =
        utc(get('Y'), month, day) + hour * 3_600_000.0 + get('m') * 60_000.0 + get('s') * 1000.0 + get('f');
    let zone = ['Z', 'z'].into_iter().filter_map(|letter| components.get(&letter)).find(|zone| **zone != 0.0);
    Ok(millis - zone.map_or(0.0, |zone| zone * 60_000.0))
}

/// What comes before the given components is as now, what comes after is zero; gaps are errors.
fn fill(components: &mut Components, date: &str, time: &str, now_ms: i64) -> Result<(), Fault> {
    let now = Moment::new(now_ms);
    let mut started = false;
    let mut ended = false;
    for letter in date.chars().chain(time.chars()) {
        match components.entry(letter) {
            Entry::Occupied(_) if ended => return Err(Fault::new("D3136")),
            Entry::Occupied(_) => started = true,
            Entry::Vacant(place) if started => {
                place.insert(if "MDd".contains(letter) { 1.0 } else { 0.0 });
                ended = true;
            }
            Entry::Vacant(place) => {
                #[expect(clippy::cast_precision_loss, reason = "parts of times are small")]
                let part = now.part(letter).map_or(f64::NAN, |part| part as f64);
                place.insert(part);
            }
        }
    }
    Ok(())
}

/// The start of a day, as JavaScript's `Date.UTC`: two-digit years lie in the 20th century.
fn utc(year: f64, month: f64, day: f64) -> f64 {
    const YEAR_MAX: f64 = 300_000.0;
    if !(year.abs() <= YEAR_MAX && month.abs() <= 1e6 && day.abs() <= 1e9) {
        return f64::NAN;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the ranges were checked")]
    let (year, month, day) = (year as i64, month as i64, day as i64);
    let year = if (0..100).contains(&year) { year + 1900 } else { year };
    #[expect(clippy::cast_precision_loss, reason = "times that exist are exact")]
    let millis = (days(year, month, day) * DAY_MS) as f64;
    millis
}

/// `$toMillis` without a picture: ISO 8601. None when the text has another form, not a number when the date does not exist.
pub(crate) fn parse_iso(text: &str) -> Option<f64> {
    let mut scan = Scan(text);
    let year = scan.digits(4)?;
    let mut parts = [1.0, 1.0];
    let mut known = true;
    let mut count = 0;
    while let Some(part) = scan.after('-', 2) {
        match parts.get_mut(count) {
            Some(place) => *place = part,
            None => known = false,
        }
        count += 1;
    }
    let mut time = 0.0;
    let mut has_time = false;
    while scan.eat('T') {
        known &= !has_time;
        has_time = true;
        let hour = scan.digits(2)?;
        let (minute, second) = (scan.after(':', 2)?, scan.after(':', 2)?);
        known &= hour < 24.0 || (hour == 24.0 && minute == 0.0 && second == 0.0);
        if hour > 29.0 || minute > 59.0 || second > 59.0 {
            return None;
        }
        time = hour * 3_600_000.0 + minute * 60_000.0 + second * 1000.0;
    }
    if scan.eat('.') {
        let fraction = scan.all_digits();
        if fraction.is_empty() {
            return None;
        }
        known &= has_time;
        let fraction = format!("{fraction:0<3}");
        time += fraction[..3].parse().unwrap_or(0.0);
    }
    let zone = scan.zone()?;
    let [month, day] = parts;
    if month > 19.0 || day > 39.0 {
        return None;
    }
    if !known || !(1.0..=12.0).contains(&month) || !(1.0..=31.0).contains(&day) {
        return Some(f64::NAN);
    }
    #[expect(clippy::cast_possible_truncation, reason = "they have at most four digits")]
    let days = days(year as i64, month as i64, day as i64);
    #[expect(clippy::cast_precision_loss, reason = "times that exist are exact")]
    let midnight = (days * DAY_MS) as f64;
    Some(midnight + time - zone * 60_000.0)
}

/// What is left of a text.
struct Scan<'t>(&'t str);

impl<'t> Scan<'t> {
    fn eat(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn digits(&mut self, count: usize) -> Option<f64> {
        let digits = self.0.get(..count).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        self.0 = &self.0[count..];
        digits.parse().ok()
    }

    /// Digits after a sign, or nothing at all.
    fn after(&mut self, sign: char, count: usize) -> Option<f64> {
        let before = self.0;
        if self.eat(sign)
            && let Some(digits) = self.digits(count)
            && !self.0.starts_with([':', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        {
            return Some(digits);
        }
        if sign == ':' {
            self.0 = before;
            self.eat(sign);
            return self.digits(count);
        }
        self.0 = before;
        None
    }

    fn all_digits(&mut self) -> &'t str {
        let end = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits
    }

    /// Minutes of a time zone up to the end of the text; zero when there is none.
    fn zone(&mut self) -> Option<f64> {
        if self.0.is_empty() || self.0 == "Z" {
            return Some(0.0);
        }
        let sign = if self.eat('-') {
            -1.0
        } else if self.eat('+') {
            1.0
        } else {
            return None;
        };
        let hours = self.digits(2).filter(|hours| *hours <= 29.0)?;
        self.eat(':');
        let minutes = self.digits(2).filter(|minutes| *minutes <= 59.0)?;
        self.0.is_empty().then_some(sign * (hours * 60.0 + minutes))
    }
}
