//! What an unquoted scalar means to the YAML parser that Juju uses.

/// The type that the text of a plain scalar stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Meaning {
    /// Nothing: empty, `~`, `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// `yes`, `no`, `on`, `off`: a truth value to YAML 1.1, a text to YAML 1.2. Versions of Juju differ.
    OldBool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A date, which Juju takes neither for a text nor for a number.
    Date,
    /// Anything else.
    Text,
}

impl Meaning {
    /// The meaning of a plain scalar.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Null,
            "true" | "True" | "TRUE" => Self::Bool(true),
            "false" | "False" | "FALSE" => Self::Bool(false),
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Self::OldBool(true),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Self::OldBool(false),
            ".nan" | ".NaN" | ".NAN" => Self::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Self::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Self::Float(f64::NEG_INFINITY),
            _ => number(text)
                .or_else(|| is_date(text).then_some(Self::Date))
                .unwrap_or(Self::Text),
        }
    }
}

fn number(text: &str) -> Option<Meaning> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    let digits = text.replace('_', "");
    integer(&digits)
        .map(Meaning::Int)
        .or_else(|| float(&digits).map(Meaning::Float))
}

/// A leading 0 makes an octal number, as in C.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}

fn float(text: &str) -> Option<f64> {
    let shape = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    (shape && mantissa.bytes().any(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// `2026-01-31`, alone or followed by a time.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let ok = |part: Option<&str>, least: usize, most: usize| {
        part.is_some_and(|p| {
            (least..=most).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit())
        })
    };
    ok(parts.next(), 4, 4)
        && ok(parts.next(), 1, 2)
        && ok(parts.next(), 1, 2)
        && parts.next().is_none()
        && time
            .is_none_or(|time| time.contains(':') && time.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_juju_takes_them_for() {
        for (text, meaning) in [
            ("", Meaning::Null),
            ("~", Meaning::Null),
            ("yes", Meaning::OldBool(true)),
            ("Off", Meaning::OldBool(false)),
            ("true", Meaning::Bool(true)),
            ("10", Meaning::Int(10)),
            ("010", Meaning::Int(8)),
            ("0x1F", Meaning::Int(31)),
            ("0b11", Meaning::Int(3)),
            ("-1_000", Meaning::Int(-1000)),
            ("0", Meaning::Int(0)),
            ("22.04", Meaning::Float(22.04)),
            ("1e3", Meaning::Float(1000.0)),
            (".5", Meaning::Float(0.5)),
            ("089", Meaning::Float(89.0)),
            ("2026-11-21", Meaning::Date),
            ("2026-11-21 10:00:00", Meaning::Date),
            ("1.2.3", Meaning::Text),
            ("-", Meaning::Text),
            (".", Meaning::Text),
            ("1h", Meaning::Text),
            ("e3", Meaning::Text),
            ("yesterday", Meaning::Text),
            ("9223372036854775807", Meaning::Int(i64::MAX)),
            ("-9223372036854775808", Meaning::Int(i64::MIN)),
        ] {
            assert_eq!(Meaning::of(text), meaning, "{text:?}");
        }
    }
}
