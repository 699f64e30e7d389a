//! Moments as people read them: UTC, in seconds since 1970.

use std::ops::Range;

/// A moment in UTC, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    /// Since midnight.
    pub(crate) second: i64,
}

impl Date {
    /// The moment `seconds` after 1970 began.
    pub(crate) const fn at(seconds: i64) -> Self {
        // Years from 1 March 0000, so that a leap day is a year's last.
        let shifted = seconds.div_euclid(86400) + 719_468;
        let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let from_march = (5 * day + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            year: era * 400 + year + if month <= 2 { 1 } else { 0 },
            month,
            day: day - (153 * from_march + 2) / 5 + 1,
            second: seconds.rem_euclid(86400),
        }
    }

    /// Seconds since 1970; a day past its month's end runs over into the next one, as Go has it.
    pub(crate) const fn seconds(self) -> i64 {
        let months = self.year * 12 + self.month - 1;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let shifted = year - if month <= 2 { 1 } else { 0 };
        let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + self.day - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        days * 86400 + self.second
    }

    /// `2006-01-02` and `15:04:05`.
    fn words(self) -> (String, String) {
        let (hour, minute, second) = (self.second / 3600, self.second / 60 % 60, self.second % 60);
        (
            format!("{:04}-{:02}-{:02}", self.year, self.month, self.day),
            format!("{hour:02}:{minute:02}:{second:02}"),
        )
    }
}

/// `2006-01-02 15:04:05Z`
pub(crate) fn spaced(seconds: i64) -> String {
    let (day, time) = Date::at(seconds).words();
    format!("{day} {time}Z")
}

/// `2006-01-02T15:04:05Z`
pub(crate) fn rfc3339(seconds: i64) -> String {
    let (day, time) = Date::at(seconds).words();
    format!("{day}T{time}Z")
}

/// Reads `2006-01-02T15:04:05`, a fraction if there is one, and `Z` or an offset; without a zone too if `bare`.
pub(crate) fn parse(text: &str, bare: bool) -> Option<i64> {
    let number = |range: Range<usize>| {
        let digits = text.get(range)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        all.then(|| digits.parse::<i64>().ok()).flatten()
    };
    let within = |range: Range<usize>, limits: std::ops::RangeInclusive<i64>| {
        number(range).filter(|value| limits.contains(value))
    };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators
        .iter()
        .any(|(at, byte)| text.as_bytes().get(*at) != Some(byte))
    {
        return None;
    }
    let date = Date {
        year: number(0..4)?,
        month: within(5..7, 1..=12)?,
        day: within(8..10, 1..=31)?,
        second: within(11..13, 0..=23)? * 3600
            + within(14..16, 0..=59)? * 60
            + within(17..19, 0..=59)?,
    };
    if Date::at(date.seconds()) != date {
        return None;
    }
    let mut rest = text.get(19..)?;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let trimmed = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
        if trimmed.len() == fraction.len() {
            return None;
        }
        rest = trimmed;
    }
    let zone = match rest {
        "Z" => 0,
        "" if bare => 0,
        _ if bare => return None,
        _ => {
            let start = text.len() - rest.len();
            let sign = match rest.as_bytes() {
                [b'+', _, _, b':', _, _] => 1,
                [b'-', _, _, b':', _, _] => -1,
                _ => return None,
            };
            let hours = within(start + 1..start + 3, 0..=24)?;
            sign * (hours * 3600 + within(start + 4..start + 6, 0..=60)? * 60)
        }
    };
    Some(date.seconds() - zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_utc() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00Z"),
            (951_782_400, "2000-02-29 00:00:00Z"),
            (1_704_164_645, "2024-01-02 03:04:05Z"),
            (-1, "1969-12-31 23:59:59Z"),
            (4_102_444_799, "2099-12-31 23:59:59Z"),
        ] {
            assert_eq!(spaced(seconds), text);
            assert_eq!(Date::at(seconds).seconds(), seconds);
            assert_eq!(parse(&rfc3339(seconds), false), Some(seconds));
        }
    }

    #[test]
    fn times_with_fractions_and_zones_are_read() {
        assert_eq!(parse("2024-01-02T03:04:05Z", false), Some(1_704_164_645));
        let zoned = "2024-01-02T03:04:05.678+02:00";
        assert_eq!(parse(zoned, false), Some(1_704_157_445));
        assert_eq!(parse("2024-01-02T03:04:05", true), Some(1_704_164_645));
        for wrong in [
            "soon",
            "2024-01-02T03:04:05",
            "2024-02-30T00:00:00Z",
            "2024-01-02T24:00:00Z",
            "2024-01-02t03:04:05Z",
            "2024-01-02T03:04:05.Z",
            "2024-01-02T03:04:05+2",
            "2024-1-02T03:04:05Z",
            "é024-01-02T03:04:05Z",
        ] {
            assert_eq!(parse(wrong, false), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_past_the_end_of_its_month_runs_over() {
        let january = Date {
            year: 2023,
            month: 1,
            day: 31,
            second: 5,
        };
        let next = Date {
            month: 2,
            ..january
        };
        assert_eq!(rfc3339(next.seconds()), "2023-03-03T00:00:05Z");
        let year = Date {
            month: 13,
            ..january
        };
        assert_eq!(rfc3339(year.seconds()), "2024-01-31T00:00:05Z");
    }
}
