//! A moment in the form of a picture. Not for reading one.

use super::calendar::Moment;
use super::integer::{Case, Format, parse_int};
use super::picture::{self, Marker, Part};
use crate::error::Fault;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// The last moment that JavaScript knows, in both directions.
const MILLIS_MAX: f64 = 8.64e15;

/// The offset of a time zone as the reference implementation reads it: `-0530` are minus six hours and minus thirty minutes.
#[derive(Clone, Copy)]
struct Offset {
    hours: f64,
    minutes: f64,
}

/// `$fromMillis`.
pub(crate) fn format(millis: f64, picture: Option<&str>, timezone: Option<&str>) -> Result<String, Fault> {
    let number = timezone.map_or(0.0, parse_int);
    let offset = Offset { hours: (number / 100.0).floor(), minutes: number % 100.0 };
    let parts = picture::analyse(picture.unwrap_or(picture::ISO))?;
    let shifted = millis + (60.0 * offset.hours + offset.minutes) * 60_000.0;
    if shifted.is_nan() || shifted.abs() > MILLIS_MAX {
        return Err(Fault::uncoded("the time or its zone is out of range".to_owned()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    let moment = Moment::new(shifted.trunc() as i64);
    let mut out = String::new();
    for part in &parts {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Marker(marker) => out.push_str(&component(&moment, marker, offset)?),
        }
    }
    Ok(out)
}

fn component(moment: &Moment, marker: &Marker, offset: Offset) -> Result<String, Fault> {
    Ok(match marker.component {
        'Z' | 'z' => zone(marker, offset)?,
        'P' => {
            let text = if moment.of_day >= 43_200_000 { "pm" } else { "am" };
            if marker.names == Some(Case::Upper) { text.to_uppercase() } else { text.to_owned() }
        }
        'C' | 'E' => "ISO".to_owned(),
        letter => match moment.part(letter) {
            Some(value) => number(marker, value)?,
            None => "undefined".to_owned(),
        },
    })
}

fn number(marker: &Marker, value: i64) -> Result<String, Fault> {
    if let Some(case) = marker.names {
        return name(marker, value, case);
    }
    let mut value = value;
    if let ('Y', Some(digits)) = (marker.component, marker.digits) {
        let modulus = u32::try_from(digits).ok().and_then(|digits| 10_i64.checked_pow(digits));
        value = modulus.map_or(value, |modulus| value % modulus);
    }
    #[expect(clippy::cast_precision_loss, reason = "parts of times are small")]
    let float = value as f64;
    match &marker.integer {
        Some(format) => format.text(float, Some(value)),
        None => Ok(value.to_string()),
    }
}

fn name(marker: &Marker, value: i64, case: Case) -> Result<String, Fault> {
    let names: &[&str] = match marker.component {
        'M' | 'x' => &MONTHS,
        'F' => &DAYS,
        other => return Err(Fault::new("D3133").string("value", &other.to_string())),
    };
    let at = usize::try_from(value - 1).unwrap_or(usize::MAX);
    let name = names.get(at).copied().unwrap_or_default();
    let name = match case {
        Case::Upper => name.to_uppercase(),
        Case::Lower => name.to_lowercase(),
        Case::Title => name.to_owned(),
    };
    Ok(name.chars().take(marker.width_max.unwrap_or(usize::MAX)).collect())
}

fn zone(marker: &Marker, offset: Offset) -> Result<String, Fault> {
    let Some(format) = &marker.integer else { return Ok(String::new()) };
    let whole = offset.hours * 100.0 + offset.minutes;
    let digits = format.decimal().map(|decimal| (decimal.regular.is_some(), decimal.mandatory));
    let mut text = match digits {
        Some((true, _) | (false, 3 | 4)) => format.text(whole, None)?,
        Some((false, 1 | 2)) => {
            let mut text = format.text(offset.hours, None)?;
            if offset.minutes != 0.0 {
                text.push(':');
                text.push_str(&Format::new("00")?.text(offset.minutes.floor(), None)?);
            }
            text
        }
        other => {
            let digits = other.map_or("undefined".to_owned(), |(_, digits)| digits.to_string());
            return Err(Fault::new("D3134").text("value", digits));
        }
    };
    if whole >= 0.0 {
        text.insert(0, '+');
    }
    if marker.component == 'z' {
        text.insert_str(0, "GMT");
    }
    if whole == 0.0 && marker.traditional {
        return Ok("Z".to_owned());
    }
    Ok(text)
}
