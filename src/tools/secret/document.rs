//! The content of a secret, as the tools read it from a file.

use std::collections::BTreeMap;

use crate::tools::{ToolError, yaml};

/// Juju's limit for one value, in bytes.
const LONGEST_VALUE: usize = 8_192;

/// Juju's limit for all values together, in bytes.
const LONGEST_CONTENT: usize = 65_536;

/// Content in the form `secret-add` and `secret-set` read from a file.
///
/// # Errors
/// [`ToolError::Invalid`], with the numbers, for content Juju would refuse: none at all, a value of more than
/// 8 KiB, more than 64 KiB in all, or a key that is not three or more lower-case letters, digits and single
/// inner hyphens, a letter first.
pub fn secret_document(content: &BTreeMap<String, String>) -> Result<String, ToolError> {
    let invalid = |problem: String| Err(ToolError::invalid("secret-add", problem));
    if content.is_empty() {
        return invalid("the secret is empty: give it a value".to_owned());
    }
    for (key, value) in content {
        if !valid_key(key) {
            return invalid(format!(
                "`{key}` cannot be a key of a secret: use three or more lower-case letters, digits and inner hyphens, a letter first"
            ));
        }
        if value.len() > LONGEST_VALUE {
            return invalid(format!(
                "the value of `{key}` has {} bytes, a secret's value may have {LONGEST_VALUE}",
                value.len()
            ));
        }
    }
    let bytes: usize = content.values().map(String::len).sum();
    if bytes > LONGEST_CONTENT {
        return invalid(format!(
            "the secret has {bytes} bytes, Juju takes {LONGEST_CONTENT} in all"
        ));
    }
    Ok(yaml::mapping(
        content.iter().map(|(k, v)| (k.as_str(), v.as_str())),
    ))
}

fn valid_key(key: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.chars().all(known)
        && !key.contains("--")
        && !key.ends_with('-')
        && key.chars().filter(|c| *c != '-').count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(key: &str, value: &str) -> Result<String, ToolError> {
        secret_document(&BTreeMap::from([(key.to_owned(), value.to_owned())]))
    }

    #[test]
    fn keys_are_those_juju_takes() {
        for good in ["abc", "a-b-c", "data-0", "data-10", "a00"] {
            assert_eq!(document(good, "v").unwrap(), format!("\"{good}\": \"v\"\n"));
        }
        for bad in [
            "", "ab", "a-b", "T00", "0ab", "-abc", "tok-", "to--ken", "tok_en", "tok.en", "töken",
        ] {
            let error = document(bad, "v").unwrap_err().to_string();
            assert!(
                error.contains(&format!("`{bad}` cannot be a key")),
                "{error}"
            );
        }
    }

    #[test]
    fn sizes_are_those_juju_takes_and_values_stay_out_of_the_error() {
        assert!(document("abc", &"x".repeat(8_192)).is_ok());
        let error = document("abc", &"x".repeat(8_193)).unwrap_err().to_string();
        assert!(
            error.contains("8193 bytes") && error.contains("8192") && !error.contains("xx"),
            "{error}"
        );

        let full: BTreeMap<_, _> = (0..8)
            .map(|n| (format!("data-{n}"), "x".repeat(8_192)))
            .collect();
        assert!(secret_document(&full).is_ok());
        let mut more = full;
        more.insert("data-8".to_owned(), "x".to_owned());
        let error = secret_document(&more).unwrap_err().to_string();
        assert!(
            error.contains("65537 bytes") && error.contains("65536"),
            "{error}"
        );
        assert!(secret_document(&BTreeMap::new()).is_err());
    }
}
