//! Timestamps as the service reads and writes them: strict RFC 3339 in, UTC with groups of three fraction digits out.
//! Not for clocks: nothing here knows what time it is.

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded towards the past.
    pub secs: i64,
    /// Nanoseconds on top of `secs`, 0..=999,999,999.
    pub nanos: u32,
}

impl Instant {
    /// Milliseconds since 1970-01-01T00:00:00Z, rounded towards the past.
    pub fn millis(self) -> i64 {
        self.secs.saturating_mul(1000).saturating_add(i64::from(self.nanos / 1_000_000))
    }
}

/// Reads a timestamp as the service does (recorded): `2016-03-14T01:59:00Z`, upper-case `T` and `Z`, an optional
/// fraction of one to nine digits, and `+hh:mm` or `-hh:mm` in place of `Z`. A timestamp without an offset, with a
/// blank for the `T`, or with a month, day, hour, minute or second out of range is none.
pub fn parse_rfc3339(text: &str) -> Option<Instant> {
    let mut cursor = Cursor { rest: text.as_bytes() };
    let year = cursor.number(4)?;
    cursor.expect(b'-')?;
    let month = cursor.number(2).filter(|month| (1..=12).contains(month))?;
    cursor.expect(b'-')?;
    let day = cursor.number(2).filter(|day| (1..=days_in_month(year, month)).contains(day))?;
    cursor.expect(b'T')?;
    let hour = cursor.number(2).filter(|hour| *hour <= 23)?;
    cursor.expect(b':')?;
    let minute = cursor.number(2).filter(|minute| *minute <= 59)?;
    cursor.expect(b':')?;
    let second = cursor.number(2).filter(|second| *second <= 59)?;
    let nanos = cursor.fraction()?;
    let offset = cursor.offset()?;
    if !cursor.rest.is_empty() {
        return None;
    }
    let secs = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(Instant { secs, nanos })
}

/// Writes a time in UTC as the context object shows it: `2025-08-27T10:04:42.123Z`; a fraction of zero is dropped.
/// `ms` counts milliseconds since 1970-01-01T00:00:00Z.
pub fn format_millis(ms: i64) -> String {
    let secs = ms.div_euclid(1000);
    let fraction = ms.rem_euclid(1000);
    let (year, month, day) = civil_from_days(secs.div_euclid(86_400));
    let of_day = secs.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction != 0 {
        text.push_str(&format!(".{fraction:03}"));
    }
    text.push('Z');
    text
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn expect(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        (*first == wanted).then_some(())
    }

    /// Exactly `digits` decimal digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (head, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        head.iter()
            .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
    }

    /// `.` and one to nine digits, or nothing; in nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let Some(rest) = self.rest.strip_prefix(b".") else { return Some(0) };
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let (head, rest) = rest.split_at(digits);
        self.rest = rest;
        let number = head.iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
        Some(number * 10_u32.pow(9 - digits as u32))
    }

    /// `Z` or a numeric offset, in seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        let (sign, rest) = self.rest.split_first()?;
        self.rest = rest;
        let sign = match sign {
            b'Z' => return Some(0),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours = self.number(2).filter(|hours| *hours <= 18)?;
        self.expect(b':')?;
        let minutes = self.number(2).filter(|minutes| *minutes <= 59)?;
        Some(sign * (hours * 3600 + minutes * 60))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (years counted from March, eras of 400 years).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_what_the_service_reads() {
        for (text, wanted) in [
            ("1970-01-01T00:00:00Z", Some((0, 0))),
            ("2016-03-14T01:59:00Z", Some((1_457_920_740, 0))),
            ("2016-03-05T21:29:29.243167252Z", Some((1_457_213_369, 243_167_252))),
            ("2016-03-05T21:29:29.5Z", Some((1_457_213_369, 500_000_000))),
            ("2016-03-14T01:59:00+01:30", Some((1_457_915_340, 0))),
            ("2016-03-14T01:59:00-01:30", Some((1_457_926_140, 0))),
            ("1969-12-31T23:59:59.999Z", Some((-1, 999_000_000))),
            ("2016-02-29T00:00:00Z", Some((1_456_704_000, 0))),
            ("2015-02-29T00:00:00Z", None),
            ("05-12-2016T21:29:29Z", None),
            ("2016-12-05 21:29:29Z", None),
            ("2016-12-05T21:29:29", None),
            ("2016-12-05t21:29:29Z", None),
            ("2016-12-05T21:29:29z", None),
            ("2016-13-05T21:29:29Z", None),
            ("2016-12-05T25:29:29Z", None),
            ("2016-12-05T21:29:29.Z", None),
            ("2016-12-05T21:29:29.1234567890Z", None),
            ("2016-12-05T21:29:29ZZ", None),
            ("2016-12-05T21:29:29+1:00", None),
            ("2016-12-0é", None),
            ("", None),
        ] {
            let read = parse_rfc3339(text).map(|instant| (instant.secs, instant.nanos));
            assert_eq!(read, wanted, "{text}");
        }
    }

    #[test]
    fn writes_utc_and_drops_a_zero_fraction() {
        for (ms, wanted) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_756_289_082_123, "2025-08-27T10:04:42.123Z"),
            (1_756_289_082_000, "2025-08-27T10:04:42Z"),
            (951_782_400_050, "2000-02-29T00:00:00.050Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(format_millis(ms), wanted);
            assert_eq!(parse_rfc3339(wanted).map(Instant::millis), Some(ms));
        }
    }
}
