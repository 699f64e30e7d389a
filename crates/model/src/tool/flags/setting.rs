//! The value of an option.

use crate::RelationId;
use crate::context::HookContext;
use crate::format::{Format, go_quote, parse_bool};
use crate::names::is_storage_id;

pub(super) enum Setting {
    Bool(bool),
    Int(i64),
    Text(String),
    File(String),
    Format(Format, &'static [Format]),
    Relation(Option<RelationId>, String),
    Storage(Option<String>),
}

impl Setting {
    pub(super) fn set(&mut self, context: &HookContext<'_>, text: &str) -> Result<(), String> {
        match self {
            Self::Bool(value) => {
                *value = parse_bool(text).ok_or_else(|| {
                    format!(
                        "strconv.ParseBool: parsing {}: invalid syntax",
                        go_quote(text)
                    )
                })?;
            }
            Self::Int(value) => *value = parse_int(text)?,
            Self::Text(value) | Self::File(value) => text.clone_into(value),
            Self::Format(format, choices) => {
                let choice = choices.iter().find(|choice| choice.name() == text);
                *format = *choice.ok_or_else(|| format!("unknown format {}", go_quote(text)))?;
            }
            Self::Storage(id) => {
                if !is_storage_id(text) {
                    return Err(format!("invalid storage ID {}", go_quote(text)));
                }
                context.storage(text)?;
                *id = Some(text.to_owned());
            }
            Self::Relation(id, _) => {
                let number = text.rsplit(':').next().unwrap_or_default();
                let number: i64 = number
                    .parse()
                    .map_err(|_| "invalid relation id".to_owned())?;
                let known = u32::try_from(number)
                    .ok()
                    .map(RelationId)
                    .filter(|id| context.knows_relation(*id));
                *id = Some(known.ok_or_else(|| "relation not found".to_owned())?);
            }
        }
        Ok(())
    }

    /// The current value, as the help shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Bool(value) => format!(" (= {value})"),
            Self::Int(value) => format!(" (= {value})"),
            Self::Text(text) => format!("(= {})", go_quote(text)),
            Self::File(text) => format!(" (= {text})"),
            Self::Format(format, _) => format!(" (= {})", format.name()),
            Self::Relation(_, text) => format!(" (= {text})"),
            Self::Storage(id) => format!(" (= {})", id.as_deref().unwrap_or_default()),
        }
    }
}

/// A number in Go's notation: decimal, `0x…`, `0b…`, `0o…` or `0…`, with underscores between digits.
fn parse_int(text: &str) -> Result<i64, String> {
    let failed = |why: &str| {
        let quoted = go_quote(text);
        Err(format!("strconv.ParseInt: parsing {quoted}: {why}"))
    };
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixes = [("0x", 16), ("0b", 2), ("0o", 8), ("0", 8)];
    let prefix = prefixes
        .iter()
        .find(|(prefix, _)| lower.starts_with(prefix) && lower.len() > prefix.len());
    let (prefix, base) = prefix.copied().unwrap_or(("", 10));
    let rest = &lower[prefix.len()..];
    let separated = rest.contains('_');
    let misplaced =
        (prefix.is_empty() && rest.starts_with('_')) || rest.ends_with('_') || rest.contains("__");
    let plain = rest.replace('_', "");
    let all_digits = plain.chars().all(|letter| letter.is_digit(base));
    if plain.is_empty() || !all_digits || (separated && misplaced) {
        return failed("invalid syntax");
    }
    let signed = if negative { format!("-{plain}") } else { plain };
    i64::from_str_radix(&signed, base).or_else(|_| failed("value out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, value) in [
            ("7", 7),
            ("-1", -1),
            ("+2", 2),
            ("0", 0),
            ("0x1F", 31),
            ("017", 15),
            ("0b11", 3),
            ("1_000", 1000),
            ("0x_1", 1),
        ] {
            assert_eq!(parse_int(text), Ok(value), "{text}");
        }
        for text in ["", "x", "1.5", "08", "1__0", "_1", "1_", "0x", "--1", "é"] {
            assert!(
                parse_int(text).unwrap_err().ends_with("invalid syntax"),
                "{text}"
            );
        }
        let long = "9223372036854775808";
        assert!(parse_int(long).unwrap_err().ends_with("out of range"));
    }
}
