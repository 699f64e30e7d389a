//! Texts as Go's standard library writes and reads them.

use std::fmt::Write as _;

/// A boolean, as `strconv.ParseBool` reads it.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A number, as `strconv.ParseFloat` reads it: decimal or hexadecimal, underscores between digits; `None` if it is
/// none, or too large.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.eq_ignore_ascii_case("nan") {
        return (unsigned.len() == text.len()).then_some(f64::NAN);
    }
    let infinite = ["inf", "infinity"]
        .iter()
        .any(|name| unsigned.eq_ignore_ascii_case(name));
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if infinite {
        return Some(sign * f64::INFINITY);
    }
    let hexadecimal = unsigned
        .strip_prefix("0x")
        .or_else(|| unsigned.strip_prefix("0X"));
    let joins = |at: usize| {
        let side = |at: Option<usize>| {
            at.and_then(|at| unsigned.as_bytes().get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        side(at.checked_sub(1)) && side(Some(at + 1))
    };
    if unsigned.match_indices('_').any(|(at, _)| !joins(at)) {
        return None;
    }
    let value = match hexadecimal {
        Some(digits) => parse_hexadecimal(&digits.replace('_', ""))?,
        None => {
            let decimal = unsigned.replace('_', "");
            if !decimal.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
                return None;
            }
            decimal.parse::<f64>().ok()?
        }
    };
    value.is_finite().then_some(sign * value)
}

/// `1.8p-3` without its `0x`; the exponent is a must.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        value = 16.0_f64.mul_add(value, f64::from(digit.to_digit(16)?));
    }
    let places = i32::try_from(fraction.len()).ok()?;
    Some(value * 2.0_f64.powi(exponent.checked_sub(places.checked_mul(4)?)?))
}

/// A string literal, as `%q` writes it.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            letter if is_printable(letter) => out.push(letter),
            letter => {
                let code = u32::from(letter);
                let _infallible = match code {
                    0..0x80 => write!(out, "\\x{code:02x}"),
                    0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// A slice of strings, as `%q` writes it: `["a" "b c"]`.
pub(crate) fn quote_list<S: AsRef<str>>(texts: &[S]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text.as_ref())).collect();
    format!("[{}]", quoted.join(" "))
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space: Go's notion of printable.
fn is_printable(letter: char) -> bool {
    if letter.is_ascii() {
        return (' '..='~').contains(&letter);
    }
    // `escape_debug` goes by the same categories; the `a` keeps it from escaping marks, which it does at the start.
    format!("a{letter}").escape_debug().nth(1) == Some(letter)
}

/// A float64 as `encoding/json` writes it.
pub(crate) fn json_float(value: f64) -> String {
    let (digits, exponent) = shortest(value);
    if value != 0.0 && !(-6..21).contains(&exponent) {
        // One digit of exponent is enough for JSON: `1e-7`, `1e+21`.
        return scientific(value, &digits, exponent, 1);
    }
    plain(value, &digits, exponent)
}

/// A float64 as `strconv.FormatFloat(f, 'g', -1, 64)` writes it, with YAML's names for what is no number.
pub(crate) fn yaml_float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let (digits, exponent) = shortest(value);
    if value != 0.0 && !(-4..6).contains(&exponent) {
        return scientific(value, &digits, exponent, 2);
    }
    plain(value, &digits, exponent)
}

/// The shortest digits that read back as `value`, and the decimal exponent of the first.
fn shortest(value: f64) -> (String, i32) {
    let text = format!("{:e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn sign(value: f64) -> &'static str {
    if value.is_sign_negative() { "-" } else { "" }
}

fn scientific(value: f64, digits: &str, exponent: i32, width: usize) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!(
        "{}{first}{point}{rest}e{exponent_sign}{:0width$}",
        sign(value),
        exponent.unsigned_abs()
    )
}

fn plain(value: f64, digits: &str, exponent: i32) -> String {
    let sign = sign(value);
    let Ok(before) = usize::try_from(exponent + 1) else {
        return format!(
            "{sign}0.{}{digits}",
            "0".repeat(usize::try_from(-1 - exponent).unwrap_or(0))
        );
    };
    if before == 0 {
        format!("{sign}0.{digits}")
    } else if digits.len() <= before {
        format!("{sign}{digits}{}", "0".repeat(before - digits.len()))
    } else {
        let (whole, fraction) = digits.split_at(before);
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_go_writes_them() {
        for (value, yaml, json) in [
            (0.0, "0", "0"),
            (45.0, "45", "45"),
            (100_000.0, "100000", "100000"),
            (1_000_000.0, "1e+06", "1000000"),
            (123_456_789.0, "1.23456789e+08", "123456789"),
            (3.25, "3.25", "3.25"),
            (0.1, "0.1", "0.1"),
            (-2.5, "-2.5", "-2.5"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_01, "1e-05", "0.00001"),
            (1e-7, "1e-07", "1e-7"),
            (1e21, "1e+21", "1e+21"),
            (1e20, "1e+20", "100000000000000000000"),
            (
                9_007_199_254_740_992.0,
                "9.007199254740992e+15",
                "9007199254740992",
            ),
        ] {
            assert_eq!(
                (yaml_float(value).as_str(), json_float(value).as_str()),
                (yaml, json)
            );
        }
    }

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, value) in [
            ("1", Some(1.0)),
            ("-2.5", Some(-2.5)),
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
            ("1_000", Some(1000.0)),
            ("0x1p4", Some(16.0)),
            ("0x1.8p1", Some(3.0)),
            ("-Inf", Some(f64::NEG_INFINITY)),
            ("0x10", None),
            ("1__0", None),
            ("_1", None),
            ("1e999", None),
            ("x", None),
            ("", None),
            ("+NaN", None),
        ] {
            assert_eq!(parse_float(text), value, "{text:?}");
        }
        assert!(parse_float("nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn strings_are_quoted_as_go_quotes_them() {
        assert_eq!(quote("it's \"x\"\\"), r#""it's \"x\"\\""#);
        assert_eq!(
            quote("\t\u{1}é\u{301}\u{a0}😀\u{10ffff}"),
            "\"\\t\\x01é\u{301}\\u00a0😀\\U0010ffff\""
        );
        assert_eq!(quote_list(&["a", "b c"]), r#"["a" "b c"]"#);
    }
}
