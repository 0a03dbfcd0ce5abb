//! `$formatNumber`: pictures of XPath's `format-number`, as the reference implementation reads them. Not for integers in words.

use value::Value;

use super::{Args, math};
use crate::error::Fault;
use crate::eval::{Evaluated, Evaluator};
use crate::item::Item;

/// Characters with a meaning in pictures. Most are single characters, but an option may give any string.
struct Symbols {
    decimal_separator: String,
    grouping_separator: String,
    exponent_separator: String,
    minus_sign: String,
    percent: String,
    per_mille: String,
    zero_digit: char,
    digit: String,
    pattern_separator: String,
}

impl Symbols {
    fn new(options: Option<&Value>) -> Symbols {
        let option = |name: &str, default: &str| {
            options.and_then(|o| o.get(name)).and_then(Value::as_str).unwrap_or(default).to_owned()
        };
        Symbols {
            decimal_separator: option("decimal-separator", "."),
            grouping_separator: option("grouping-separator", ","),
            exponent_separator: option("exponent-separator", "e"),
            minus_sign: option("minus-sign", "-"),
            percent: option("percent", "%"),
            per_mille: option("per-mille", "\u{2030}"),
            zero_digit: option("zero-digit", "0").chars().next().unwrap_or('0'),
            digit: option("digit", "#"),
            pattern_separator: option("pattern-separator", ";"),
        }
    }

    /// A member of the family of digits.
    fn is_decimal(&self, c: char) -> bool {
        (u32::from(self.zero_digit)..u32::from(self.zero_digit) + 10).contains(&u32::from(c))
    }

    fn is(&self, c: char, symbol: &str) -> bool {
        let mut chars = symbol.chars();
        chars.next() == Some(c) && chars.next().is_none()
    }

    fn is_digit(&self, c: char) -> bool {
        self.is_decimal(c) || self.is(c, &self.digit)
    }

    fn is_active(&self, c: char) -> bool {
        self.is_digit(c)
            || [
                &self.decimal_separator,
                &self.exponent_separator,
                &self.grouping_separator,
                &self.pattern_separator,
            ]
            .into_iter()
            .any(|symbol| self.is(c, symbol))
    }
}

/// The parts of a picture for one sign.
struct Parts {
    prefix: String,
    suffix: String,
    active: String,
    mantissa: String,
    exponent: Option<String>,
    integer: String,
    fraction: String,
    picture: String,
}

impl Parts {
    fn new(picture: &str, symbols: &Symbols) -> Parts {
        let counts =
            |(_, c): &(usize, char)| symbols.is_active(*c) && !symbols.is(*c, &symbols.exponent_separator);
        // Without any active character all of it counts as such, and is refused for that (measured by third parties; the
        // reference implementation stumbles).
        let start = picture.char_indices().find(counts).map_or(0, |(at, _)| at);
        let end = picture.char_indices().rfind(counts).map_or(picture.len(), |(at, c)| at + c.len_utf8());
        let (prefix, suffix, active) = (&picture[..start], &picture[end..], &picture[start..end]);
        // The reference implementation looks for the exponent in the whole picture, but cuts the active part there.
        let exponent_at = picture[start..].find(&symbols.exponent_separator).map(|at| at + start);
        let (mantissa, exponent) = match exponent_at.filter(|at| *at <= end) {
            Some(at) => {
                let after = at + symbols.exponent_separator.chars().next().map_or(1, char::len_utf8);
                (cut(active, 0, at), Some(cut(active, after, usize::MAX)))
            }
            None => (active, None),
        };
        let (integer, fraction) = match mantissa.split_once(&symbols.decimal_separator) {
            Some((integer, fraction)) => (integer, fraction),
            None => (mantissa, suffix),
        };
        Parts {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
            active: active.to_owned(),
            mantissa: mantissa.to_owned(),
            exponent: exponent.map(str::to_owned),
            integer: integer.to_owned(),
            fraction: fraction.to_owned(),
            picture: picture.to_owned(),
        }
    }

    /// The code of the last rule that the picture breaks: the reference implementation checks all.
    fn broken_rule(&self, symbols: &Symbols) -> Option<&'static str> {
        let picture = &self.picture;
        let twice = |symbol: &String| picture.find(symbol.as_str()) != picture.rfind(symbol.as_str());
        let has = |symbol: &String| picture.contains(symbol.as_str());
        let decimals = |text: &str| text.chars().any(|c| symbols.is_decimal(c));
        let separator = &symbols.grouping_separator;
        let mut broken = None;
        let mut rule = |code, breaks: bool| {
            if breaks {
                broken = Some(code);
            }
        };
        rule("D3081", twice(&symbols.decimal_separator));
        rule("D3082", twice(&symbols.percent));
        rule("D3083", twice(&symbols.per_mille));
        rule("D3084", has(&symbols.percent) && has(&symbols.per_mille));
        rule("D3085", !self.mantissa.chars().any(|c| symbols.is_digit(c)));
        rule("D3086", self.active.chars().any(|c| !symbols.is_active(c)));
        match picture.find(symbols.decimal_separator.as_str()) {
            Some(at) => rule(
                "D3087",
                picture[..at].ends_with(separator.as_str())
                    || picture[at + symbols.decimal_separator.len()..].starts_with(separator.as_str()),
            ),
            None => rule("D3088", self.integer.ends_with(separator.as_str())),
        }
        rule("D3089", picture.contains(&format!("{separator}{separator}")));
        let optional = self.integer.find(symbols.digit.as_str());
        rule("D3090", optional.is_some_and(|at| decimals(&self.integer[..at])));
        let optional = self.fraction.rfind(symbols.digit.as_str());
        rule("D3091", optional.is_some_and(|at| decimals(&self.fraction[at..])));
        if let Some(exponent) = &self.exponent {
            rule("D3092", !exponent.is_empty() && (has(&symbols.percent) || has(&symbols.per_mille)));
            rule("D3093", exponent.is_empty() || exponent.chars().any(|c| !symbols.is_decimal(c)));
        }
        broken
    }
}

/// A part of a text by byte offsets that may lie outside or inside of characters.
fn cut(text: &str, from: usize, to: usize) -> &str {
    let hold = |at: usize| (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at));
    let (from, to) = (hold(from).unwrap_or(0), hold(to).unwrap_or(0));
    text.get(from..to).unwrap_or("")
}

/// What a picture asks for.
struct Format {
    integer_grouping: Vec<usize>,
    /// The distance between separators when it is always the same.
    regular_grouping: usize,
    integer_min: usize,
    scaling: usize,
    fraction_grouping: Vec<usize>,
    fraction_min: usize,
    fraction_max: usize,
    exponent_min: usize,
}

impl Format {
    fn new(parts: &Parts, symbols: &Symbols) -> Format {
        let decimals = |text: &str| text.chars().filter(|c| symbols.is_decimal(*c)).count();
        let digits = |text: &str| text.chars().filter(|c| symbols.is_digit(*c)).count();
        let integer_grouping = grouping(&parts.integer, &parts.integer, symbols, false);
        let fraction_grouping = grouping(&parts.fraction, &parts.integer, symbols, true);
        let mut integer_min = decimals(&parts.integer);
        let scaling = integer_min;
        let mut fraction_min = decimals(&parts.fraction);
        let mut fraction_max = digits(&parts.fraction);
        let exponent = parts.exponent.as_deref();
        if integer_min == 0 && fraction_max == 0 {
            if exponent.is_some() {
                (fraction_min, fraction_max) = (1, 1);
            } else {
                integer_min = 1;
            }
        }
        if exponent.is_some() && integer_min == 0 && parts.integer.contains(symbols.digit.as_str()) {
            integer_min = 1;
        }
        if integer_min == 0 && fraction_min == 0 {
            fraction_min = 1;
        }
        Format {
            regular_grouping: regular(&integer_grouping),
            integer_grouping,
            integer_min,
            scaling,
            fraction_grouping,
            fraction_min,
            fraction_max,
            exponent_min: exponent.map_or(0, decimals),
        }
    }
}

/// For each separator, how many digits stand on the side away from it. After the first, the reference implementation looks for
/// separators in the integer part, whichever part it is at.
fn grouping(part: &str, integer: &str, symbols: &Symbols, to_left: bool) -> Vec<usize> {
    let separator = symbols.grouping_separator.as_str();
    let mut positions = Vec::new();
    let mut at = part.find(separator);
    while let Some(found) = at {
        let side = if to_left { cut(part, 0, found) } else { cut(part, found, usize::MAX) };
        positions.push(side.chars().filter(|c| symbols.is_digit(*c)).count());
        let from = found + 1;
        at = cut(integer, from, usize::MAX).find(separator).map(|at| at + from);
        if separator.is_empty() || positions.len() > part.len() + integer.len() {
            break;
        }
    }
    positions
}

/// The distance that all positions are multiples of, if none is left out.
fn regular(positions: &[usize]) -> usize {
    fn gcd(a: usize, b: usize) -> usize {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    let Some(factor) = positions.iter().copied().reduce(gcd) else { return 0 };
    let sorted: std::collections::BTreeSet<usize> = positions.iter().copied().collect();
    let complete = (1..=positions.len()).all(|index| sorted.contains(&(index * factor)));
    if complete { factor } else { 0 }
}

/// `$formatNumber(n, picture, options)`.
pub(super) fn format_number(evaluator: &mut Evaluator<'_>, args: &mut Args) -> Evaluated {
    let Some(value) = args.number(0) else { return Ok(Item::Undefined) };
    let picture = args.text(1).unwrap_or_default();
    let length = picture.len() as u64;
    evaluator.budget.steps(64 + length + length * length / 16)?;
    evaluator.budget.string(picture.len().saturating_mul(16))?;
    let options = args.get(2).to_value();
    let symbols = Symbols::new(options.as_ref());
    let pictures: Vec<&str> = if symbols.pattern_separator.is_empty() {
        vec![&picture]
    } else {
        picture.split(symbols.pattern_separator.as_str()).collect()
    };
    if pictures.len() > 2 {
        return Err(Fault::new("D3080"));
    }
    let parts: Vec<Parts> = pictures.into_iter().map(|picture| Parts::new(picture, &symbols)).collect();
    if let Some(code) = parts.iter().find_map(|part| part.broken_rule(&symbols)) {
        return Err(Fault::new(code));
    }
    // Without a picture of its own, a negative number has the positive one's with a minus sign.
    let (chosen, minus) = match (&parts[..], value >= 0.0) {
        ([first, ..], true) => (first, ""),
        ([_, second], false) => (second, ""),
        ([first], false) => (first, symbols.minus_sign.as_str()),
        _ => return Err(Fault::new("D3085")),
    };
    let format = Format::new(chosen, &symbols);
    let number = render(value, chosen, &format, &symbols)?;
    let text = format!("{minus}{}{number}{}", chosen.prefix, chosen.suffix);
    evaluator.budget.string(text.len())?;
    Ok(Item::Value(Value::from(text)))
}

fn render(value: f64, parts: &Parts, format: &Format, symbols: &Symbols) -> Result<String, Fault> {
    let adjusted = if parts.picture.contains(symbols.percent.as_str()) {
        value * 100.0
    } else if parts.picture.contains(symbols.per_mille.as_str()) {
        value * 1000.0
    } else {
        value
    };
    let (mantissa, exponent) = if format.exponent_min == 0 {
        (adjusted, None)
    } else {
        let (mantissa, exponent) = scaled(adjusted, format.scaling);
        (mantissa, Some(exponent))
    };
    let rounded = math::rounded(mantissa, precision(format.fraction_max)?);
    let digits = fixed(rounded, format.fraction_max);
    let mut text = grouped(&digits, format, symbols);
    if !parts.picture.contains(symbols.decimal_separator.as_str()) || text.ends_with('\u{0}') {
        text = text.replace('\u{0}', "");
    }
    let mut text: String = text.replace('\u{0}', &symbols.decimal_separator);
    if let Some(exponent) = exponent {
        let digits = format!("{:0>width$}", exponent.abs(), width = format.exponent_min);
        text.push_str(&symbols.exponent_separator);
        if exponent < 0 {
            text.push_str(&symbols.minus_sign);
        }
        text.extend(digits.chars().map(|c| localised(c, symbols)));
    }
    Ok(text)
}

/// Decimal places that one can ask for: JavaScript's limit.
fn precision(places: usize) -> Result<f64, Fault> {
    const PLACES_MAX: usize = 100;
    if places > PLACES_MAX {
        return Err(Fault::uncoded("`$formatNumber` takes at most 100 decimal places".to_owned()));
    }
    Ok(u32::try_from(places).map_or(0.0, f64::from))
}

/// `mantissa × 10^exponent`, with as many digits before the point as the picture has.
fn scaled(value: f64, scaling: usize) -> (f64, i32) {
    let scaling = i32::try_from(scaling).unwrap_or(i32::MAX);
    let most = 10_f64.powi(scaling);
    let least = 10_f64.powi(scaling.saturating_sub(1));
    let mut mantissa = value;
    let mut exponent = 0;
    // Where the reference implementation never ends (zero, negative numbers), the number stays as it is.
    while mantissa > 0.0 && mantissa < least && exponent > -400 {
        mantissa *= 10.0;
        exponent -= 1;
    }
    while mantissa.is_finite() && mantissa > most && exponent < 400 {
        mantissa /= 10.0;
        exponent += 1;
    }
    (mantissa, exponent)
}

/// As JavaScript's `toFixed` of the absolute value.
fn fixed(f: f64, places: usize) -> String {
    let magnitude = f.abs();
    if magnitude >= 1e21 || !magnitude.is_finite() {
        return crate::number::js_text(magnitude);
    }
    format!("{magnitude:.places$}")
}

fn localised(c: char, symbols: &Symbols) -> char {
    match c.to_digit(10) {
        Some(digit) => char::from_u32(u32::from(symbols.zero_digit) + digit).unwrap_or(c),
        None => c,
    }
}

/// Pads and groups digits; a NUL stands for the decimal separator.
fn grouped(digits: &str, format: &Format, symbols: &Symbols) -> String {
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let integer = integer.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let integer = format!("{integer:0>width$}", width = format.integer_min);
    let fraction = format!("{fraction:0<width$}", width = format.fraction_min);
    let integer: Vec<char> = integer.chars().map(|c| localised(c, symbols)).collect();
    let regular = format.regular_grouping;
    let mut pieces: Vec<String> = Vec::with_capacity(integer.len() + fraction.len() + 8);
    for (at, c) in integer.iter().enumerate() {
        if regular > 0 && at > 0 && (integer.len() - at).is_multiple_of(regular) {
            pieces.push(symbols.grouping_separator.clone());
        }
        pieces.push(c.to_string());
    }
    pieces.push("\u{0}".to_owned());
    pieces.extend(fraction.chars().map(|c| localised(c, symbols).to_string()));
    if regular == 0 {
        // Each separator moves the point.
        for (point, position) in (integer.len()..).zip(&format.integer_grouping) {
            // Beyond the first digit, JavaScript's `slice` counts from the end.
            let at = match point.checked_sub(*position) {
                Some(at) => at,
                None => (pieces.len() + point).saturating_sub(*position),
            };
            pieces.insert(at.min(pieces.len()), symbols.grouping_separator.clone());
        }
    }
    // Earlier separators move the places of later ones, as in the reference implementation.
    let point = pieces.iter().position(|piece| piece == "\u{0}").unwrap_or(0);
    for position in &format.fraction_grouping {
        pieces.insert((point + 1 + position).min(pieces.len()), symbols.grouping_separator.clone());
    }
    pieces.concat()
}
