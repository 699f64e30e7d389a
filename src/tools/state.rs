//! The unit's state on the controller (Juju facts, hook tools §8).

use std::collections::BTreeMap;

use super::call::{self, Call};
use super::{ToolError, Tools, answer, yaml};

/// Juju's limit for a key, in bytes.
const LONGEST_KEY: usize = 256;

/// Juju's limit for a value, in bytes.
const LONGEST_VALUE: usize = 65_536;

/// One value, with what this context has written. None if there is no such key; an empty value is a value.
///
/// # Errors
/// If the tool fails; if the key is empty or `-`, which would mean all values.
pub fn state_get(tools: &mut Tools, key: &str) -> Result<Option<String>, ToolError> {
    call::one_key("state-get", key)?;
    // Without `--strict` an unknown key reads as an empty value.
    let output = Call::json("state-get")
        .option("--strict")
        .arg(key)
        .run_unless(tools, |text| {
            text.starts_with('"') && text.ends_with("\" not found")
        })?;
    output
        .map(|output| answer::parse("state-get", &output))
        .transpose()
}

/// All values, with what this context has written.
///
/// # Errors
/// If the tool fails.
pub fn state_get_all(tools: &mut Tools) -> Result<BTreeMap<String, String>, ToolError> {
    let output = Call::json("state-get").run(tools)?;
    answer::parse_map("state-get", &output)
}

/// Writes values, kept if the hook succeeds. An empty value is kept as one. No values, no call.
///
/// Juju's limit for all of a unit's state, 2 MiB unless configured, is checked only then.
///
/// # Errors
/// If the tool fails; [`ToolError::Invalid`] for a key of more than 256 bytes or a value of more than 64 KiB.
pub fn state_set(tools: &mut Tools, values: &BTreeMap<String, String>) -> Result<(), ToolError> {
    if values.is_empty() {
        return Ok(());
    }
    // Juju applies the pairs one by one: a refusal in the middle would leave some of them written.
    for (key, value) in values {
        let problem = match (key.len(), value.len()) {
            (0, _) => "a key is empty: give it a name".to_owned(),
            (bytes, _) if bytes > LONGEST_KEY => {
                format!("a key has {bytes} bytes, Juju takes {LONGEST_KEY}")
            }
            (_, bytes) if bytes > LONGEST_VALUE => {
                format!("the value of `{key}` has {bytes} bytes, Juju takes {LONGEST_VALUE}")
            }
            _ => continue,
        };
        return Err(ToolError::invalid("state-set", problem));
    }
    let pairs = values.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    Call::write("state-set")
        .value("--file", "-")
        .stdin(yaml::mapping(pairs))
        .run(tools)?;
    Ok(())
}

/// Removes a value if the hook succeeds; one that is not there is no error.
///
/// # Errors
/// If the tool fails.
pub fn state_delete(tools: &mut Tools, key: &str) -> Result<(), ToolError> {
    Call::write("state-delete").arg(key).run(tools)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Kind};
    use crate::tools::fake::{on, play};

    #[test]
    fn an_unknown_key_is_none_and_an_empty_value_is_one() {
        let argv = ["state-get", "--format=json", "--strict", "k"];
        let get = |call| play([call], |t| state_get(t, "k"));
        assert_eq!(
            get(on(&argv).says("\"v\"\n")).unwrap(),
            Some("v".to_owned())
        );
        assert_eq!(get(on(&argv).says("\"\"\n")).unwrap(), Some(String::new()));
        assert_eq!(
            get(on(&argv).fails(1, "ERROR \"k\" not found\n")).unwrap(),
            None
        );
        let words = "ERROR loading unit state from database: state for \"unit-k-0\" not found\n";
        assert!(
            get(on(&argv).fails(1, words)).is_err(),
            "that is a failure, not an unknown key"
        );
        for all in ["", "-"] {
            assert_eq!(
                play([], |t| state_get(t, all)).unwrap_err().kind(),
                ErrorKind::Invalid
            );
        }
    }

    #[test]
    fn an_empty_store_is_an_empty_map() {
        let argv = ["state-get", "--format=json"];
        assert!(
            play([on(&argv).says("null\n")], state_get_all)
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            play([on(&argv).says("{\"k\":\"v\"}\n")], state_get_all).unwrap()["k"],
            "v"
        );
    }

    fn set(pairs: &[(&str, &str)], yaml: Option<&str>) -> Result<(), ToolError> {
        let values = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let call = yaml.map(|yaml| on(&["state-set", "--file", "-"]).stdin(yaml));
        play(call, |t| state_set(t, &values))
    }

    #[test]
    fn values_go_through_stdin_whole_or_not_at_all() {
        set(
            &[("b", " x "), ("a", "")],
            Some("\"a\": \"\"\n\"b\": \" x \"\n"),
        )
        .unwrap();
        set(&[], None).unwrap();
        let longest = ("k".repeat(256), "v".repeat(65_536));
        let yaml = format!("\"{}\": \"{}\"\n", longest.0, longest.1);
        set(&[(&longest.0, &longest.1)], Some(&yaml)).unwrap();
        assert!(set(&[("a", "1"), (&"k".repeat(257), "2")], None).is_err());
        assert!(set(&[("a", "1"), ("b", &"v".repeat(65_537))], None).is_err());
        assert!(set(&[("", "1")], None).is_err());
    }

    #[test]
    fn a_key_is_deleted() {
        play([on(&["state-delete", "k"])], |t| state_delete(t, "k")).unwrap();
        play([on(&["state-delete", "--", "-k"])], |t| {
            state_delete(t, "-k")
        })
        .unwrap();
    }
}
