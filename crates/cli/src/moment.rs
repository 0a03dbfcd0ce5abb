//! Times and lengths of time as people write and read them. The one place that knows the clock and the time zone.

use std::time::Duration;

use clap::ValueEnum;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

/// How a point in time is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TimeStyle {
    /// `3m ago`; the default of tables on a terminal.
    Relative,
    /// `2026-11-20T10:00:00.123Z`; the default everywhere else.
    #[default]
    Iso,
    /// In this machine's time zone.
    Local,
    /// Seconds since the epoch, as the API has them.
    Raw,
}

/// Milliseconds since the epoch, now.
pub fn now_millis() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Shows a point in time (milliseconds since the epoch). A time that no calendar has is shown as its number.
pub fn show(millis: i64, style: TimeStyle, now_millis: i64) -> String {
    let Ok(at) = Timestamp::from_millisecond(millis) else { return millis.to_string() };
    match style {
        TimeStyle::Relative => relative(now_millis.saturating_sub(millis)),
        TimeStyle::Iso => format!("{at:.3}"),
        TimeStyle::Local => at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        TimeStyle::Raw => format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000)),
    }
}

/// Hours, minutes, seconds and milliseconds in this machine's time zone, for lines of a running display.
pub fn time_of_day(millis: i64) -> String {
    Timestamp::from_millisecond(millis)
        .map(|at| at.to_zoned(TimeZone::system()).strftime("%H:%M:%S%.3f").to_string())
        .unwrap_or_else(|_| millis.to_string())
}

fn relative(ago_millis: i64) -> String {
    let span = rough(ago_millis.unsigned_abs());
    if ago_millis < 0 { format!("in {span}") } else { format!("{span} ago") }
}

fn rough(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// Shows a length of time: `840 ms`, `4.8 s`, `3 m 20 s`, `2 h 5 m`, `12 d 3 h`.
pub fn length(millis: i64) -> String {
    let millis = millis.max(0);
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{}.{} s", seconds, millis % 1000 / 100),
        60..3_600 => format!("{} m {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} m", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// Reads a length of time: a number with `ms`, `s`, `m`, `h` or `d`; a bare number is seconds.
///
/// # Errors
/// When it is none; the text says what is expected.
pub fn parse_length(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("`{text}` is not a length of time: expected a number with `ms`, `s`, `m`, `h` or `d`");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match &text[digits.len()..] {
        "ms" => 1,
        "s" | "" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.trim().parse().map_err(|_| wrong())?;
    number.checked_mul(factor).map(Duration::from_millis).ok_or_else(wrong)
}

/// Reads the Date header of an HTTP answer, in milliseconds since the epoch.
pub fn parse_http_date(text: &str) -> Option<i64> {
    let at = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(at.timestamp().as_millisecond())
}

/// Reads a point in time, in milliseconds since the epoch: a length of time ago (`15m`), a date or date and time
/// (`2026-11-20`, `2026-11-20T10:00Z`; without a zone: this machine's), `today`, `yesterday`, `now`.
///
/// # Errors
/// When it is none; the text says what is expected.
pub fn parse_moment(text: &str) -> Result<i64, String> {
    moment_at(text, &Zoned::now())
}

fn moment_at(text: &str, now: &Zoned) -> Result<i64, String> {
    let midnight = |days: i64| -> Option<i64> {
        let day = now.date().checked_sub(SignedDuration::from_hours(24 * days)).ok()?;
        Some(day.to_zoned(now.time_zone().clone()).ok()?.timestamp().as_millisecond())
    };
    let found = match text {
        "now" => Some(now.timestamp().as_millisecond()),
        "today" => midnight(0),
        "yesterday" => midnight(1),
        _ => written_moment(text, now),
    };
    found.ok_or_else(|| {
        format!("`{text}` is not a time: expected `15m` (ago), `2026-11-20T10:00Z`, `2026-11-20`, `today` or `yesterday`")
    })
}

fn written_moment(text: &str, now: &Zoned) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    if let Ok(local) = text.parse::<jiff::civil::DateTime>() {
        return Some(local.to_zoned(now.time_zone().clone()).ok()?.timestamp().as_millisecond());
    }
    let ago = parse_length(text).ok().filter(|_| text.ends_with(|c: char| c.is_ascii_alphabetic()))?;
    now.timestamp().as_millisecond().checked_sub(i64::try_from(ago.as_millis()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::{TimeStyle, length, moment_at, parse_length, show};

    const NOON: i64 = 1_795_176_000_123;

    #[test]
    fn points_in_time_are_shown() {
        for (style, wanted) in [
            (TimeStyle::Iso, "2026-11-20T12:00:00.123Z"),
            (TimeStyle::Raw, "1795176000.123"),
            (TimeStyle::Relative, "3m ago"),
        ] {
            assert_eq!(show(NOON, style, NOON + 190_000), wanted);
        }
        assert_eq!(show(NOON, TimeStyle::Relative, NOON - 7_200_000), "in 2h");
        assert_eq!(show(i64::MAX, TimeStyle::Iso, 0), i64::MAX.to_string());
    }

    #[test]
    fn lengths_are_shown_and_read() {
        for (millis, wanted) in
            [(0, "0 ms"), (999, "999 ms"), (4_890, "4.8 s"), (200_000, "3 m 20 s"), (7_500_000, "2 h 5 m")]
        {
            assert_eq!(length(millis), wanted);
        }
        for (text, millis) in [
            ("5", Some(5_000)),
            ("15ms", Some(15)),
            ("5m", Some(300_000)),
            ("2h", Some(7_200_000)),
            ("m", None),
            ("5y", None),
            ("", None),
            ("-1s", None),
            ("99999999999999999d", None),
        ] {
            assert_eq!(parse_length(text).ok().map(|found| found.as_millis()), millis, "{text}");
        }
    }

    #[test]
    fn points_in_time_are_read() {
        let now = jiff::Timestamp::from_millisecond(NOON).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        for (text, wanted) in [
            ("2026-11-20T10:00Z", Some(NOON - 7_200_123)),
            ("2026-11-20T10:00", Some(NOON - 7_200_123)),
            ("2026-11-20", Some(NOON - 43_200_123)),
            ("today", Some(NOON - 43_200_123)),
            ("yesterday", Some(NOON - 43_200_123 - 86_400_000)),
            ("15m", Some(NOON - 900_000)),
            ("15", None),
            ("soon", None),
        ] {
            assert_eq!(moment_at(text, &now).ok(), wanted, "{text}");
        }
    }
}
