//! The Gregorian calendar, and the weeks of ISO 8601. Times are milliseconds since 1970, without leap seconds. Not for pictures.

pub(super) const DAY_MS: i64 = 86_400_000;

/// A moment taken apart, in UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) millis: i64,
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    pub(super) day: i64,
    /// Milliseconds since midnight.
    pub(super) of_day: i64,
}

impl Moment {
    pub(super) fn new(millis: i64) -> Moment {
        let days = millis.div_euclid(DAY_MS);
        let (year, month, day) = civil(days);
        Moment { millis, year, month, day, of_day: millis.rem_euclid(DAY_MS) }
    }

    /// A part of the moment; none for time zones and names.
    pub(super) fn part(&self, component: char) -> Option<i64> {
        let today = self.millis - self.of_day;
        Some(match component {
            'Y' => self.year,
            'M' => self.month,
            'D' => self.day,
            'd' => (today - start_of(self.year, 1)) / DAY_MS + 1,
            'F' => weekday(today),
            'W' => self.week(today, 12),
            'w' => self.week(today, 1),
            'X' => self.week_year(),
            'x' => self.week_month(),
            'H' => self.of_day / 3_600_000,
            'h' => (self.of_day / 3_600_000 + 11) % 12 + 1,
            'm' => self.of_day / 60_000 % 60,
            's' => self.of_day / 1000 % 60,
            'f' => self.of_day % 1000,
            _ => return None,
        })
    }

    /// The week of the year (`months` is 12) or of the month (1).
    fn week(&self, today: i64, months: i64) -> i64 {
        let (year, month) = if months == 12 { (self.year, 1) } else { (self.year, self.month) };
        let number = |start: i64| (today - start).div_euclid(7 * DAY_MS) + 1;
        let week = number(first_week(year, month));
        let most = if months == 12 { 52 } else { 4 };
        if week > most {
            let (next_year, next_month) = shift(year, month, months);
            if today >= first_week(next_year, next_month) {
                return 1;
            }
        } else if week < 1 {
            let (last_year, last_month) = shift(year, month, -months);
            return number(first_week(last_year, last_month));
        }
        week
    }

    /// The year that the week belongs to.
    fn week_year(&self) -> i64 {
        if self.millis < first_week(self.year, 1) {
            self.year - 1
        } else if self.millis >= first_week(self.year + 1, 1) {
            self.year + 1
        } else {
            self.year
        }
    }

    /// The month that the week belongs to.
    fn week_month(&self) -> i64 {
        let (next_year, next_month) = shift(self.year, self.month, 1);
        if self.millis < first_week(self.year, self.month) {
            shift(self.year, self.month, -1).1
        } else if self.millis >= first_week(next_year, next_month) {
            next_month
        } else {
            self.month
        }
    }
}

/// A month some months later.
fn shift(year: i64, month: i64, months: i64) -> (i64, i64) {
    let index = year * 12 + month - 1 + months;
    (index.div_euclid(12), index.rem_euclid(12) + 1)
}

/// Monday is 1.
fn weekday(millis: i64) -> i64 {
    (millis.div_euclid(DAY_MS) + 3).rem_euclid(7) + 1
}

/// The first millisecond of a month.
fn start_of(year: i64, month: i64) -> i64 {
    days(year, month, 1) * DAY_MS
}

/// The Monday of the week with the first Thursday of a month.
fn first_week(year: i64, month: i64) -> i64 {
    let start = start_of(year, month);
    let weekday = weekday(start);
    if weekday > 4 { start + (8 - weekday) * DAY_MS } else { start - (weekday - 1) * DAY_MS }
}

/// Days since 1970 of a date; months and days may lie outside their ranges.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let index = month - 1;
    let (year, month) = (year + index.div_euclid(12), index.rem_euclid(12) + 1);
    // Years start in March here, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468 + day - 1
}

/// Year, month and day of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let index = (5 * of_year + 2) / 153;
    let day = of_year - (153 * index + 2) / 5 + 1;
    let month = if index < 10 { index + 3 } else { index - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}
