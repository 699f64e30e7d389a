//! `key=value` arguments.

use std::collections::BTreeMap;

use super::Failure;
use crate::format::go_quote;

/// Reads pairs: split at the first `=`, both sides trimmed, empty arguments skipped, each key once.
pub(super) fn parse(args: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    read(args, true)
}

/// The same, with a value for every key.
pub(super) fn parse_set(args: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    read(args, false)
}

fn read(args: &[String], empty: bool) -> Result<BTreeMap<String, String>, Failure> {
    let mut pairs = BTreeMap::new();
    for arg in args.iter().filter(|arg| !arg.is_empty()) {
        let (key, value) = match arg.split_once('=') {
            Some((key, value)) => (trim(key), trim(value)),
            None => return Err(expected(arg)),
        };
        if key.is_empty() || (value.is_empty() && !empty) {
            return Err(expected(&format!("{key}={value}")));
        }
        if pairs.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!(
                "key {} specified more than once",
                go_quote(key)
            )));
        }
    }
    Ok(pairs)
}

fn expected(got: &str) -> Failure {
    Failure::usage(format!("expected \"key=value\", got {}", go_quote(got)))
}

/// Unicode white space, as Go has it.
fn trim(text: &str) -> &str {
    text.trim_matches(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(args: &[&str]) -> Result<Vec<(String, String)>, String> {
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        parse(&args)
            .map(|pairs| pairs.into_iter().collect())
            .map_err(|failure| failure.text().to_owned())
    }

    #[test]
    fn both_sides_are_trimmed_and_only_the_first_equals_sign_splits() {
        let read = pairs(&[" a = b ", "c==", "", "d=\u{a0}x\u{2003}"]).unwrap();
        let expected = [("a", "b"), ("c", "="), ("d", "x")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(read, expected);
    }

    #[test]
    fn wrong_pairs_are_refused() {
        for (args, text) in [
            (&["a"][..], r#"expected "key=value", got "a""#),
            (&["="], r#"expected "key=value", got "=""#),
            (&["= b"], r#"expected "key=value", got "=b""#),
            (&["a=1", "a=1"], r#"key "a" specified more than once"#),
        ] {
            assert_eq!(pairs(args).unwrap_err(), text);
        }
    }
}
