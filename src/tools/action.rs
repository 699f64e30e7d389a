//! The running action (Juju facts, hook tools §12). Outside actions these tools fail.

use std::collections::BTreeMap;

use serde_json::Value;

use super::call::{self, Call};
use super::{ToolError, Tools, answer, pairs};

/// One parameter; dots lead into nested ones (`a.b`). None if it was not given and has no default.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_get(tools: &mut Tools, key: &str) -> Result<Option<Value>, ToolError> {
    let output = Call::json("action-get").arg(key).run(tools)?;
    answer::parse("action-get", &output)
}

/// All parameters, defaults included.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_get_all(tools: &mut Tools) -> Result<BTreeMap<String, Value>, ToolError> {
    let output = Call::json("action-get").run(tools)?;
    answer::parse_map("action-get", &output)
}

/// Adds results, delivered when the action ends. Dots in a key build nested results.
///
/// Each part of a key between dots has lower-case letters, digits and inner hyphens; `stdout` and `stderr`
/// are Juju's. No pairs, no call.
///
/// # Errors
/// If the tool fails, as it does outside an action and for other keys; [`ToolError::Invalid`] for a key
/// with `=` in it, or a pair of more than 128 KiB.
pub fn action_set<K: AsRef<str>, V: AsRef<str>>(
    tools: &mut Tools,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Result<(), ToolError> {
    let args = pairs::untrimmed("action-set", pairs)?;
    if args.is_empty() {
        return Ok(());
    }
    Call::write("action-set").args(args).run(tools)?;
    Ok(())
}

/// Marks the action as failed; it goes on until it returns. The last message counts.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_fail(tools: &mut Tools, message: &str) -> Result<(), ToolError> {
    let call = Call::write("action-fail");
    // Without an argument Juju has a message of its own.
    let call = match message {
        "" => call,
        message => call.arg(call::fitting(message, call::LONGEST_ARG)),
    };
    call.run(tools)?;
    Ok(())
}

/// Shows whoever waits for the action a line, at once.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_log(tools: &mut Tools, message: &str) -> Result<(), ToolError> {
    Call::write("action-log")
        .dashes()
        .arg(call::fitting(message, call::LONGEST_ARG))
        .run(tools)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Kind};
    use crate::tools::fake::{on, play};

    #[test]
    fn parameters_keep_their_types() {
        let get = |key: &str, answer: &str| {
            play(
                [on(&["action-get", "--format=json", key]).says(answer)],
                |t| action_get(t, key),
            )
            .unwrap()
        };
        assert_eq!(
            get("outfile", "\"foo.bz2\"\n"),
            Some(Value::from("foo.bz2"))
        );
        assert_eq!(get("n", "3\n"), Some(Value::from(3)));
        assert_eq!(
            get("deep.a", "{\"b\":\"c\"}\n").unwrap()["b"],
            Value::from("c")
        );
        assert_eq!(get("", "null\n"), None);
        assert!(
            play(
                [on(&["action-get", "--format=json"]).says("{}\n")],
                action_get_all
            )
            .unwrap()
            .is_empty()
        );
    }

    #[test]
    fn results_are_set_in_one_call_and_not_trimmed() {
        let calls = [on(&["action-set", "a.b= x=\n", "c="])];
        play(calls, |t| action_set(t, [("a.b", " x=\n"), ("c", "")])).unwrap();
        assert!(
            play([], |t| action_set(t, [("a=b", "c")])).is_err(),
            "it would set `a` to `b=c`"
        );
        assert!(play([], |t| action_set(t, [("", "c")])).is_err());
        play([], |t| action_set(t, [("", ""); 0])).unwrap();
    }

    #[test]
    fn outside_an_action_there_is_none() {
        let calls = [on(&["action-set", "a=b"]).fails(1, "ERROR not running an action\n")];
        let error = play(calls, |t| action_set(t, [("a", "b")])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tool);
        assert!(
            error.to_string().contains("not running an action"),
            "{error}"
        );
    }

    #[test]
    fn failing_and_logging_take_any_text() {
        play([on(&["action-fail"])], |t| action_fail(t, "")).unwrap();
        play([on(&["action-fail", "disk full"])], |t| {
            action_fail(t, "disk full")
        })
        .unwrap();
        play([on(&["action-fail", "--", "-x"])], |t| action_fail(t, "-x")).unwrap();
        play([on(&["action-log", "--", "half way"])], |t| {
            action_log(t, "half way")
        })
        .unwrap();
    }
}
