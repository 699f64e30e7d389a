//! The one spelling of a string map that every Juju reads back unchanged.
//!
//! `--file` takes YAML, not JSON: `\/` and surrogate pairs, which JSON writers produce, are refused, and
//! plain scalars can turn into something else. Double quotes with everything outside printable ASCII
//! escaped leave nothing to guess (Juju facts, hook tools §1.7).

use std::fmt::Write;

/// go-yaml gives up on a `key: value` whose key is spelled with more than 1024 characters; `? key` has no limit.
const LONGEST_SIMPLE_KEY: usize = 1_000;

/// A mapping of strings to strings; later pairs of one key win when it is read.
pub(super) fn mapping<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        let key = scalar(key);
        if key.len() > LONGEST_SIMPLE_KEY {
            out.push_str("? ");
            out.push_str(&key);
            out.push('\n');
        } else {
            out.push_str(&key);
        }
        out.push_str(": ");
        out.push_str(&scalar(value));
        out.push('\n');
    }
    if out.is_empty() {
        out.push_str("{}\n");
    }
    out
}

fn scalar(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match (c, u32::from(c)) {
            ('"' | '\\', _) => out.extend(['\\', c]),
            (' '..='~', _) => out.push(c),
            // Writing to a string cannot fail.
            (_, code @ 0..=0xff) => _ = write!(out, "\\x{code:02x}"),
            (_, code @ 0x100..=0xffff) => _ = write!(out, "\\u{code:04x}"),
            (_, code) => _ = write!(out, "\\U{code:08x}"),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> BTreeMap<String, String> {
        serde_saphyr::from_str(text).unwrap()
    }

    #[test]
    fn everything_outside_printable_ascii_is_escaped() {
        let text = mapping([("a b", "q\"\\/\n\té\u{2028}😀\u{7f}"), ("true", " 1 ")]);
        assert_eq!(
            text,
            "\"a b\": \"q\\\"\\\\/\\x0a\\x09\\xe9\\u2028\\U0001f600\\x7f\"\n\"true\": \" 1 \"\n"
        );
    }

    #[test]
    fn an_empty_map_is_a_map() {
        assert_eq!(mapping([]), "{}\n");
        assert!(read(&mapping([])).is_empty());
    }

    #[test]
    fn a_long_key_is_spelled_as_an_explicit_one() {
        let key = "k".repeat(5_000);
        let text = mapping([(key.as_str(), "v")]);
        assert!(text.starts_with("? \"k"));
        assert_eq!(read(&text)[&key], "v");
    }

    proptest! {
        #[test]
        fn any_strings_come_back_unchanged(
            map in prop::collection::btree_map(any::<String>(), any::<String>(), 0..8)
        ) {
            let text = mapping(map.iter().map(|(k, v)| (k.as_str(), v.as_str())));
            prop_assert!(text.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)));
            prop_assert_eq!(read(&text), map);
        }
    }
}
