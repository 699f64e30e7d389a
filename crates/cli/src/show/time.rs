//! Moments as Juju prints them.

/// A moment of the calendar, in UTC.
struct Moment {
    year: i64,
    month: usize,
    day: i64,
    seconds: i64,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Moment {
    /// From seconds since 1970.
    fn of(epoch: i64) -> Self {
        let (mut day, seconds) = (epoch.div_euclid(86_400), epoch.rem_euclid(86_400));
        let mut year = 1970;
        while day >= days_of(year) {
            day -= days_of(year);
            year += 1;
        }
        let february = if days_of(year) == 366 { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while day >= months[month] {
            day -= months[month];
            month += 1;
        }
        Self {
            year,
            month,
            day: day + 1,
            seconds,
        }
    }

    fn clock(&self) -> String {
        format!(
            "{:02}:{:02}:{:02}Z",
            self.seconds / 3600,
            self.seconds / 60 % 60,
            self.seconds % 60
        )
    }
}

fn days_of(year: i64) -> i64 {
    if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) {
        366
    } else {
        365
    }
}

/// `21 Nov 2026 08:03:04Z`, from seconds since 1970.
pub(super) fn date(epoch: u64) -> String {
    let moment = Moment::of(i64::try_from(epoch).unwrap_or_default());
    format!(
        "{:02} {} {} {}",
        moment.day,
        MONTHS[moment.month],
        moment.year,
        moment.clock()
    )
}

/// `2026-11-21 08:03:04 +0000 UTC`, from seconds since 1970.
pub(super) fn stamp(epoch: u64) -> String {
    let moment = Moment::of(i64::try_from(epoch).unwrap_or_default());
    let clock = moment.clock();
    let date = format!("{}-{:02}-{:02}", moment.year, moment.month + 1, moment.day);
    format!("{date} {} +0000 UTC", clock.trim_end_matches('Z'))
}

/// `08:03:04Z`, from seconds since 1970.
pub(super) fn clock(epoch: u64) -> String {
    Moment::of(i64::try_from(epoch).unwrap_or_default()).clock()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_of_the_calendar() {
        assert_eq!(date(0), "01 Jan 1970 00:00:00Z");
        assert_eq!(date(951_782_400), "29 Feb 2000 00:00:00Z");
        assert_eq!(date(1_795_248_184), "21 Nov 2026 08:03:04Z");
        assert_eq!(stamp(1_795_248_184), "2026-11-21 08:03:04 +0000 UTC");
        assert_eq!(clock(1_795_248_184), "08:03:04Z");
    }
}
