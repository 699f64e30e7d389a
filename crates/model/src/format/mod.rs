//! Texts as Go writes them.

/// A Go boolean, as `strconv.ParseBool` reads it.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// A Go string literal, as `%q` writes it.
pub(crate) fn go_quote(text: &str) -> String {
    format!("{text:?}")
}
