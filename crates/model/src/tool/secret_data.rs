//! What a secret is to hold: `key=value`, `key#base64=…` and `key#file=…` arguments, and files of them.

use std::collections::BTreeMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Failure, Invocation, file};
use crate::format::go_quote;

/// The most bytes of a value.
const VALUE: usize = 8 * 1024;

/// The most bytes of all values.
const TOTAL: usize = 64 * 1024;

/// Values in base64, by key.
type Data = BTreeMap<String, String>;

/// Reads arguments; of a repeated key the last counts.
pub(super) fn from_args(call: &mut Invocation<'_>, args: &[String]) -> Result<Data, Failure> {
    let mut data = BTreeMap::new();
    for arg in args {
        // Padding at the end is no separator.
        let at = arg.trim_end_matches('=').find('=').filter(|at| *at > 0);
        let Some(at) = at else {
            let text = format!("key value {} not valid", go_quote(arg));
            return Err(Failure::usage(text));
        };
        let (key, value) = (&arg[..at], &arg[at + 1..]);
        let Some(key) = key.strip_suffix("#file") else {
            data.insert(key.to_owned(), value.as_bytes().to_vec());
            continue;
        };
        let content = read(call, value, VALUE).map_err(|problem| match problem {
            Problem::Size(text) => Failure::usage(text),
            Problem::System(text) => Failure::usage(format!(
                "reading content for secret key {}: {text}",
                go_quote(key)
            )),
        })?;
        data.insert(key.to_owned(), content);
    }
    encode(data)
}

/// Reads a file of keys and values, JSON or else YAML.
pub(super) fn from_file(call: &mut Invocation<'_>, name: &str) -> Result<Data, Failure> {
    let path = match name.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{rest}", call.files.home())
        }
        _ => name.to_owned(),
    };
    let content = read(call, &path, TOTAL).map_err(|problem| match problem {
        Problem::Size(text) | Problem::System(text) => Failure::usage(text),
    })?;
    let values = match serde_json::from_slice::<BTreeMap<String, Option<String>>>(&content) {
        Ok(values) => values
            .into_iter()
            .map(|(key, value)| (key, value.unwrap_or_default()))
            .collect(),
        Err(_) => {
            file::parse(&content).map_err(|failure| Failure::usage(failure.text().to_owned()))?
        }
    };
    let values = values.into_iter();
    encode(
        values
            .map(|(key, value)| (key, value.into_bytes()))
            .collect(),
    )
}

enum Problem {
    Size(String),
    System(String),
}

/// Reads a file from the agent's own working folder, which is the root: Juju forgets where the tool was called.
fn read(call: &mut Invocation<'_>, path: &str, most: usize) -> Result<Vec<u8>, Problem> {
    let full = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    let content = call.files.read(&full).map_err(|error| {
        let doing = if error.kind() == io::ErrorKind::IsADirectory && !path.is_empty() {
            "read"
        } else {
            "open"
        };
        let reason = if path.is_empty() {
            "no such file or directory".to_owned()
        } else {
            super::invocation::reason(&error)
        };
        Problem::System(format!("{doing} {path}: {reason}"))
    })?;
    if content.len() > most {
        let (path, size) = (go_quote(path), content.len());
        return Err(Problem::Size(format!(
            "secret content in file {path} too large: {size} bytes"
        )));
    }
    Ok(content)
}

/// Values in base64.
///
/// # Errors
///
/// A key or a size that Juju refuses.
pub(crate) fn encode(data: BTreeMap<String, Vec<u8>>) -> Result<Data, Failure> {
    let mut encoded = Data::new();
    let mut total = 0;
    for (key, value) in data {
        if value.len() > VALUE {
            return Err(Failure::usage(format!(
                "secret content for key {} too large: {} bytes",
                go_quote(&key),
                value.len()
            )));
        }
        total += value.len();
        let (key, value) = match key.strip_suffix("#base64") {
            Some(key) => (key.to_owned(), String::from_utf8_lossy(&value).into_owned()),
            None => (key, STANDARD.encode(value)),
        };
        if !is_key(&key) {
            return Err(Failure::usage(format!("key {} not valid", go_quote(&key))));
        }
        encoded.insert(key, value);
    }
    if total > TOTAL {
        return Err(Failure::usage(format!(
            "secret content too large: {total} bytes"
        )));
    }
    Ok(encoded)
}

/// Three characters at least, lower case; single hyphens inside, not before the second character's end.
fn is_key(key: &str) -> bool {
    let mut letters = key.bytes();
    if !letters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase())
    {
        return false;
    }
    let (mut count, mut hyphen) = (0, false);
    for byte in letters {
        match byte {
            b'-' if !hyphen => hyphen = true,
            b'a'..=b'z' | b'0'..=b'9' => {
                hyphen = false;
                count += 1;
            }
            _ => return false,
        }
    }
    count >= 2 && !hyphen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_three_characters_and_single_hyphens_inside() {
        for key in ["abc", "a-b-c", "tok-en", "a1b", "a-bc"] {
            assert!(is_key(key), "{key}");
        }
        for key in ["", "ab", "Abc", "1ab", "ab-", "a--bc", "-abc", "a_c", "a-b"] {
            assert!(!is_key(key), "{key}");
        }
    }
}
