//! What go-yaml v2 takes a plain scalar for: text that would be read as something else has to be quoted.

/// The kind of a plain scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Timestamp,
    String,
}

impl Kind {
    /// The short form of its tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool => "!!bool",
            Self::Int => "!!int",
            Self::Float => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::String => "!!str",
        }
    }
}

/// What the plain scalar `text` is read as.
pub(crate) fn kind(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" | "n"
        | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Kind::Bool
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF"
        | "-.inf" | "-.Inf" | "-.INF" => Kind::Float,
        _ => match text.as_bytes()[0] {
            b'.' if is_go_float(text) => Kind::Float,
            b'+' | b'-' | b'0'..=b'9' => number(text),
            _ => Kind::String,
        },
    }
}

/// Whether the text must not stand plain although it is read as a string: `12:30`, a number to base 60 elsewhere.
pub(crate) fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest: Vec<&str> = parts.collect();
    let Some(last) = rest.pop() else { return false };
    let last = last.split_once('.').map_or(last, |(whole, fraction)| {
        if fraction
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
        {
            whole
        } else {
            ""
        }
    });
    let sixty = |part: &str| match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
        _ => false,
    };
    first.starts_with(|digit: char| digit.is_ascii_digit())
        && first
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
        && rest.into_iter().chain([last]).all(sixty)
}

fn number(text: &str) -> Kind {
    if is_timestamp(text) {
        return Kind::Timestamp;
    }
    let plain = text.replace('_', "");
    if is_go_int(&plain) {
        Kind::Int
    } else if is_yaml_float(&plain) {
        Kind::Float
    } else {
        Kind::String
    }
}

/// As `strconv.ParseInt` and `ParseUint` take it to base 0: with `0x`, `0o`, `0b` or an octal zero.
fn is_go_int(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'o', ..] => (&lower[2..], 8),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (&lower[..], 10),
    };
    if digits.starts_with(['+', '-']) {
        return false;
    }
    let Ok(value) = u64::from_str_radix(digits, radix) else {
        return false;
    };
    match text.as_bytes()[0] {
        b'-' => value <= 1 << 63,
        b'+' => value < 1 << 63,
        _ => true,
    }
}

/// Digits, a fraction, and an exponent that needs its sign; whole numbers have no leading zero.
fn is_yaml_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            all_digits(whole) && !fraction.is_empty() && all_digits(fraction)
        }
        None => {
            !mantissa.is_empty()
                && all_digits(mantissa)
                && (mantissa == "0" || !mantissa.starts_with('0'))
        }
    };
    mantissa_fits
        && exponent.is_none_or(|exponent| {
            exponent
                .strip_prefix(['+', '-'])
                .is_some_and(|digits| !digits.is_empty() && all_digits(digits))
        })
}

/// `.5`, `.5e3` and the like: a leading point, then what `strconv.ParseFloat` takes.
fn is_go_float(text: &str) -> bool {
    let rest = &text[1..];
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(fraction)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// `2001-1-1`, alone or with a time: after `T` or `t` with a zone, after a space without.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 5 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at] != b' ', &text[at + 1..]))),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year: Option<u32> = parts.next().and_then(|part| part.parse().ok());
    let (month, day) = (
        parts.next().and_then(|part| field(part, 12)),
        parts.next().and_then(|part| field(part, 31)),
    );
    let (Some(year), Some(month @ 1..), Some(day @ 1..), None) = (year, month, day, parts.next())
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    if day > days[month as usize - 1] {
        return false;
    }
    match time {
        None => true,
        Some((false, time)) => is_clock(time),
        Some((true, time)) => match time.strip_suffix('Z') {
            Some(time) => is_clock(time),
            None => time
                .rfind(['+', '-'])
                .is_some_and(|at| is_clock(&time[..at]) && is_zone(&time[at + 1..])),
        },
    }
}

/// One or two digits up to `most`.
fn field(text: &str, most: u32) -> Option<u32> {
    let fits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| fits && *value <= most)
}

fn is_clock(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = clock.split(':');
    let most = [23, 59, 59];
    most.iter()
        .all(|&most| parts.next().is_some_and(|part| field(part, most).is_some()))
        && parts.next().is_none()
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zone(text: &str) -> bool {
    text.split_once(':').is_some_and(|(hours, minutes)| {
        hours.len() == 2
            && minutes.len() == 2
            && field(hours, 24).is_some()
            && field(minutes, 60).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_spellings_are_taken_as_go_yaml_takes_them() {
        for plain in [
            "1e3", "1E3", "12e03", "08", "09", "1.", "NaN", "<<", "=", "--", "0x", "0xg", "1:60",
            "+", "-", "a", "10.0.0.5", "1,000", "-1x", "0e0", "é",
        ] {
            assert!(kind(plain) == Kind::String && !is_base60(plain), "{plain}");
        }
        for quoted in [
            "1e+3",
            "1e-7",
            ".5",
            "12:30",
            "60:1",
            "2001-1-1",
            "00",
            "y",
            "n",
            "~",
            "0o17",
            "0b1",
            "0x10",
            "1_000",
            "-.5",
            "+1",
            "-0",
            "123456789012345678901234567890",
            "190:20:30",
            "2024-01-01T00:00:00Z",
            ".inf",
            "True",
            "1.5",
            "0.1",
            "12:30:45",
            "2001-01-01 1:2:3.5",
            "2001-01-01t01:02:03+01:00",
        ] {
            assert!(
                kind(quoted) != Kind::String || is_base60(quoted),
                "{quoted}"
            );
        }
        assert_eq!(kind("2001-02-30"), Kind::String);
    }
}
