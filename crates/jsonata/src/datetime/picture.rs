//! Pictures for dates and times: `[Y0001]-[M01]-[D01]`. Not for what they give for a moment, and not for `[H]:[m]` of durations.

use super::integer::{Case, Format};
use crate::error::Fault;

/// The picture of ISO 8601, which is used when there is none.
pub(super) const ISO: &str = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";

/// A piece of a picture.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Literal(String),
    Marker(Marker),
}

/// `[…]`.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    pub(super) component: char,
    /// A name is wanted, in this case.
    pub(super) names: Option<Case>,
    pub(super) integer: Option<Format>,
    /// The greatest width of a name.
    pub(super) width_max: Option<usize>,
    /// How many digits a year, month or day has.
    pub(super) digits: Option<usize>,
    /// The second modifier was `t`.
    pub(super) traditional: bool,
}

/// Reads a picture.
pub(super) fn analyse(picture: &str) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    let mut rest = picture;
    while let Some(open) = rest.find('[') {
        literal(&rest[..open], &mut parts);
        let inside = &rest[open + 1..];
        if let Some(after) = inside.strip_prefix('[') {
            parts.push(Part::Literal("[".to_owned()));
            rest = after;
            continue;
        }
        let Some(close) = inside.find(']') else { return Err(Fault::new("D3135")) };
        let marker: String = inside[..close].chars().filter(|c| !c.is_whitespace()).collect();
        parts.push(Part::Marker(Marker::new(&marker)?));
        rest = &inside[close + 1..];
    }
    literal(rest, &mut parts);
    Ok(parts)
}

fn literal(text: &str, parts: &mut Vec<Part>) {
    if !text.is_empty() {
        parts.push(Part::Literal(text.replace("]]", "]")));
    }
}

/// What a component is shown as when the picture does not say.
fn default_modifier(component: char) -> Option<&'static str> {
    Some(match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'F' | 'P' | 'C' | 'E' => "n",
        'm' | 's' => "01",
        'Z' | 'z' => "01:01",
        _ => return None,
    })
}

impl Marker {
    fn new(text: &str) -> Result<Marker, Fault> {
        let component = text.chars().next();
        let component_text: String = component.iter().collect();
        let unknown = || Fault::new("D3132").string("value", &component_text);
        let component = component.ok_or_else(unknown)?;
        let after = &text[component.len_utf8()..];
        let (modifiers, width) = match after.rsplit_once(',') {
            Some((modifiers, width)) => (modifiers, Some(width)),
            None => (after, None),
        };
        let (width_min, width_max) = width.map_or((None, None), widths);
        let mut marker =
            Marker { component, names: None, integer: None, width_max, digits: None, traditional: false };
        let last = modifiers.chars().last().filter(|_| modifiers.chars().count() > 1);
        let (presentation, second) = match last {
            Some(last @ ('a' | 't' | 'c' | 'o')) => {
                marker.traditional = last == 't';
                (&modifiers[..modifiers.len() - 1], Some(last))
            }
            _ if modifiers.is_empty() => (default_modifier(component).ok_or_else(unknown)?, None),
            _ => (modifiers, None),
        };
        if presentation.starts_with('n') {
            marker.names = Some(Case::Lower);
        } else if presentation.starts_with('N') {
            marker.names = Some(if presentation.starts_with("Nn") { Case::Title } else { Case::Upper });
        } else if "YMDdFWwXxHhmsf".contains(component) {
            let picture = second.map_or(presentation.to_owned(), |second| format!("{presentation};{second}"));
            let mut format = Format::new(&picture)?;
            marker.digits = fit_width(&mut format, component, width_min, width_max);
            marker.integer = Some(format);
        }
        if matches!(component, 'Z' | 'z') {
            marker.integer = Some(Format::new(presentation)?);
        }
        Ok(marker)
    }
}

/// `min-max`; `*` or nothing is no limit.
fn widths(text: &str) -> (Option<usize>, Option<usize>) {
    let width = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    };
    match text.split_once('-') {
        Some((min, max)) => (width(min), width(max)),
        None => (width(text), None),
    }
}

/// Puts widths into the digits of a format; gives how many digits a year, month or day has, if that is fixed.
fn fit_width(format: &mut Format, component: char, min: Option<usize>, max: Option<usize>) -> Option<usize> {
    let date = "YMD".contains(component);
    let Some(decimal) = format.decimal_mut() else { return max.filter(|_| date) };
    if let Some(min) = min {
        decimal.mandatory = decimal.mandatory.max(min);
    }
    if !date {
        return None;
    }
    if let Some(max) = max {
        decimal.mandatory = max;
        return Some(max);
    }
    Some(decimal.mandatory + decimal.optional).filter(|digits| *digits >= 2)
}
