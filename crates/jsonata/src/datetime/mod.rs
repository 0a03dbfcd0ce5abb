//! Pictures for dates, times and integers: XPath's `format-dateTime` and `format-integer` as the reference implementation has
//! them. Not for `$formatNumber`, whose pictures are others, and not for clocks: the current time comes as a value.

mod calendar;
mod format;
mod integer;
mod parse;
mod picture;
mod words;

pub(crate) use format::format;
pub(crate) use parse::{parse, parse_iso};

use crate::error::Fault;

/// `$formatInteger`. `exact` is the number when a double might not hold it.
pub(crate) fn format_integer(number: f64, exact: Option<i64>, picture: &str) -> Result<String, Fault> {
    integer::Format::new(picture)?.text(number, exact)
}

/// `$parseInteger`; not a number when the text does not fit the picture.
pub(crate) fn parse_integer(text: &str, picture: &str) -> Result<f64, Fault> {
    let format = integer::Format::new(picture)?;
    format.check_supported()?;
    Ok(format.number(text))
}
