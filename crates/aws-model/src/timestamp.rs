//! Moments on the wire: three forms to write, any of them to read, and the form in which Step Functions shows them.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use value::Value;

use crate::service::TimestampFormat;

/// Reads what a workflow gives as a moment: ISO 8601 with an offset, or seconds since 1970.
pub(crate) fn of_parameter(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Str(text) => of_text(text),
        other => of_seconds(other.as_f64()?),
    }
}

/// Reads any of the forms that services write, whichever their model promises.
pub(crate) fn of_text(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(found) = text.parse::<Timestamp>() {
        return Some(found);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return of_seconds(seconds);
    }
    // `2015-06-01T00:00:00` without an offset, and `2015-06-01`: in Coordinated Universal Time.
    if let Ok(civil) = text.parse::<jiff::civil::DateTime>() {
        return civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

/// Seconds since 1970, in whole milliseconds: what is finer is cut off, as the AWS SDK for Java does.
pub(crate) fn of_seconds(seconds: f64) -> Option<Timestamp> {
    // A double of our times is good for microseconds, and `.1` is a little less than it should be.
    let milliseconds = ((seconds * 1e6).round() / 1e3).floor();
    if !milliseconds.is_finite() || milliseconds.abs() > 1e15 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be far below 2^53")]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

/// As text of a request.
pub(crate) fn write(moment: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Iso8601 => shown(moment),
        TimestampFormat::Rfc822 => {
            let mut out = String::new();
            let printed = DateTimePrinter::new().print_timestamp_rfc9110(&moment, &mut out);
            if printed.is_ok() { out } else { shown(moment) }
        }
        TimestampFormat::UnixTimestamp => match seconds(moment) {
            Value::Int(whole) => whole.to_string(),
            other => other.as_f64().unwrap_or_default().to_string(),
        },
    }
}

/// As a JSON number of a request: whole seconds where it is whole.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of years 1 to 9999 are far below 2^53")]
pub(crate) fn seconds(moment: Timestamp) -> Value {
    let milliseconds = moment.as_millisecond();
    if milliseconds % 1_000 == 0 {
        Value::Int(milliseconds / 1_000)
    } else {
        Value::Float(milliseconds as f64 / 1_000.0)
    }
}

/// As Step Functions shows it: ISO 8601 in UTC, with as many groups of three decimals as are needed (`Instant.toString` of Java).
pub(crate) fn shown(moment: Timestamp) -> String {
    let nanoseconds = moment.subsec_nanosecond().unsigned_abs();
    let precision = match nanoseconds {
        0 => 0,
        n if n % 1_000_000 == 0 => 3,
        n if n % 1_000 == 0 => 6,
        _ => 9,
    };
    jiff::fmt::temporal::DateTimePrinter::new().precision(Some(precision)).timestamp_to_string(&moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let check = |text: &str, iso: &str, seconds_: &str, rfc: &str| {
            let moment = of_text(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(shown(moment), iso, "{text}");
            assert_eq!(write(moment, TimestampFormat::UnixTimestamp), seconds_, "{text}");
            assert_eq!(write(moment, TimestampFormat::Rfc822), rfc, "{text}");
        };
        let rfc = "Wed, 21 Oct 2015 07:28:00 GMT";
        check("2015-10-21T07:28:00Z", "2015-10-21T07:28:00Z", "1445412480", rfc);
        check("2015-10-21T09:28:00+02:00", "2015-10-21T07:28:00Z", "1445412480", rfc);
        check("1445412480", "2015-10-21T07:28:00Z", "1445412480", rfc);
        check("1445412480.25", "2015-10-21T07:28:00.250Z", "1445412480.25", rfc);
        check("1445412480.113819", "2015-10-21T07:28:00.113Z", "1445412480.113", rfc);
        check(rfc, "2015-10-21T07:28:00Z", "1445412480", rfc);
        check("2015-10-21T07:28:00", "2015-10-21T07:28:00Z", "1445412480", rfc);
        check("2015-10-21T07:28:00.123456Z", "2015-10-21T07:28:00.123456Z", "1445412480.123", rfc);
        check("0", "1970-01-01T00:00:00Z", "0", "Thu, 01 Jan 1970 00:00:00 GMT");
        for text in ["", "yesterday", "1e99", "NaN"] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }
}
