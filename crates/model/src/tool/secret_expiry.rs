//! `--expire`: a moment, or how long from now.

use super::Failure;
use crate::date;
use crate::format::go_quote;

/// Seconds since 1970 of what was given; `now` likewise.
pub(super) fn parse(text: &str, now: i64) -> Result<i64, Failure> {
    if let Some(moment) = date::parse(text, false).or_else(|| date::parse(text, true)) {
        return Ok(moment);
    }
    let Some(nanoseconds) = duration(text) else {
        return Err(Failure::usage(format!(
            "expire time or duration {} not valid",
            go_quote(text)
        )));
    };
    if nanoseconds <= 0 {
        return Err(Failure::usage(format!(
            "negative expire duration {} not valid",
            go_quote(text)
        )));
    }
    Ok(now + (nanoseconds + 500_000_000) / 1_000_000_000)
}

/// Nanoseconds of a Go duration such as `1h30m` or `-1.5s`.
fn duration(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_i64;
    while !rest.is_empty() {
        let number = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (digits, after) = rest.split_at(number);
        let end = after
            .find(|letter: char| letter.is_ascii_digit() || letter == '.')
            .unwrap_or(after.len());
        let (unit, left) = after.split_at(end);
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let whole: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let mut part = whole.checked_mul(*scale)?;
        let mut place = *scale;
        for digit in fraction.chars().filter_map(|digit| digit.to_digit(10)) {
            place /= 10;
            part = part.checked_add(place.checked_mul(i64::from(digit))?)?;
        }
        total = total.checked_add(part)?;
        rest = left;
    }
    Some(if negative { -total } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, seconds) in [("1h30m", 5400), ("90s", 90), ("1.5h", 5400), ("1500ms", 2)] {
            assert_eq!(parse(text, 0), Ok(seconds), "{text}");
        }
        for text in ["1d", "h", "", "1", ".s", "1.2.3s", "99999999999h", "1 h"] {
            let failure = parse(text, 0).unwrap_err();
            assert!(
                failure.text().starts_with("expire time or duration"),
                "{text}"
            );
        }
        for text in ["-1h", "0", "0s"] {
            let failure = parse(text, 0).unwrap_err();
            assert!(
                failure.text().starts_with("negative expire duration"),
                "{text}"
            );
        }
    }
}
