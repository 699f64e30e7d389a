//! Leadership (Juju facts, hook tools §3).

use std::collections::BTreeMap;

use super::call::{self, Call};
use super::{ToolError, Tools, answer, pairs};

/// Whether this unit is the leader. Yes is a promise for 30 s, counted from before this call.
///
/// # Errors
/// In restricted hooks, or if the tool gives no usable answer.
pub fn is_leader(tools: &mut Tools) -> Result<bool, ToolError> {
    let output = Call::json("is-leader").run(tools)?;
    answer::parse("is-leader", &output)
}

/// One leadership setting. Any unit of the application may read. Not on Juju 4.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing), as on Juju 4, or fails; if the key is empty or `-`,
/// which would mean all settings.
pub fn leader_get(tools: &mut Tools, key: &str) -> Result<Option<String>, ToolError> {
    call::one_key("leader-get", key)?;
    let output = Call::json("leader-get").arg(key).run(tools)?;
    answer::parse("leader-get", &output)
}

/// All leadership settings. Not on Juju 4.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing), as on Juju 4, or fails.
pub fn leader_get_all(tools: &mut Tools) -> Result<BTreeMap<String, String>, ToolError> {
    let output = Call::json("leader-get").arg("-").run(tools)?;
    answer::parse_map("leader-get", &output)
}

/// Writes leadership settings, at once and in one transaction; an empty value removes its key. Not on Juju 4.
///
/// Where the tool is a process the values are on its command line, for other processes of the machine to see
/// ([`Tools::shows_arguments`]); `secret` keeps them out of errors and traces. No pairs, no call. Nothing undoes it when the hook fails.
///
/// # Errors
/// [`NotLeader`](crate::ErrorKind::NotLeader) off the leader, where nothing changes;
/// [`Unknown`](crate::ErrorKind::Unknown) if the answer was lost;
/// [`ToolError::Invalid`] for what the tool would damage: white space around a key or value, `=` in a key,
/// a pair of more than 128 KiB.
pub fn leader_set<K: AsRef<str>, V: AsRef<str>>(
    tools: &mut Tools,
    pairs: impl IntoIterator<Item = (K, V)>,
    secret: bool,
) -> Result<(), ToolError> {
    let args = pairs::trimmed("leader-set", pairs)?;
    if args.is_empty() {
        return Ok(());
    }
    Call::write("leader-set")
        .args(args)
        .secret(secret)
        .run(tools)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{ErrorKind, Kind};
    use crate::tools::TransportError;
    use crate::tools::fake::{Play, on, play};

    const NONE: [(&str, &str); 0] = [];

    #[test]
    fn the_leader_says_yes_and_a_follower_no() {
        let argv = ["is-leader", "--format=json"];
        assert!(play([on(&argv).says("true\n")], is_leader).unwrap());
        assert!(!play([on(&argv).says("false\n")], is_leader).unwrap());
        assert!(
            play([on(&argv).says("True\n")], is_leader).is_err(),
            "that is not JSON"
        );
    }

    #[test]
    fn restricted_hooks_know_no_leader() {
        let words = "ERROR leadership status unknown: not implemented for restricted context not implemented\n";
        let error = play(
            [on(&["is-leader", "--format=json"]).fails(1, words)],
            is_leader,
        )
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }

    #[test]
    fn an_unknown_setting_is_none_and_an_empty_one_is_empty() {
        let get = |answer: &str| {
            let calls = [on(&["leader-get", "--format=json", "k"]).says(answer)];
            play(calls, |t| leader_get(t, "k"))
        };
        assert_eq!(get("null\n").unwrap(), None);
        assert_eq!(get("\"\"\n").unwrap(), Some(String::new()));
        assert_eq!(
            get("\"pew\\npew\\n\\u003c\"\n").unwrap(),
            Some("pew\npew\n<".to_owned())
        );
        assert!(get("{}\n").is_err());
    }

    #[test]
    fn a_key_that_means_all_is_refused_and_one_like_an_option_protected() {
        assert!(play([], |t| leader_get(t, "-")).is_err());
        assert!(play([], |t| leader_get(t, "")).is_err());
        let calls = [on(&["leader-get", "--format=json", "--", "-k"]).says("null\n")];
        assert_eq!(play(calls, |t| leader_get(t, "-k")).unwrap(), None);
    }

    #[test]
    fn all_settings_come_as_a_map() {
        let calls = [on(&["leader-get", "--format=json", "-"]).says("{\"b\":\"1\",\"a\":\"\"}\n")];
        let all = play(calls, leader_get_all).unwrap();
        assert_eq!(
            all.into_iter().collect::<Vec<_>>(),
            [("a".into(), String::new()), ("b".into(), "1".into())]
        );
    }

    #[test]
    fn juju_4_has_no_settings() {
        let calls = [on(&["leader-get", "--format=json", "-"]).breaks(TransportError::Missing)];
        let error = play(calls, leader_get_all).unwrap_err();
        assert!(error.is_missing());
        assert!(error.advice().unwrap().contains("peer endpoint"));
        let words = "ERROR bad request: unknown command: leader-set\n";
        let error = set(
            Some(on(&["leader-set", "k=v"]).fails(1, words)),
            &[("k", "v")],
        )
        .unwrap_err();
        assert!(error.is_missing());
    }

    fn set(call: Option<Play>, pairs: &[(&str, &str)]) -> Result<(), ToolError> {
        play(call, |t| leader_set(t, pairs.iter().copied(), false))
    }

    #[test]
    fn a_batch_is_one_call_in_the_given_order() {
        set(
            Some(on(&["leader-set", "b=2 x=y", "a="]).secret(false)),
            &[("b", "2 x=y"), ("a", "")],
        )
        .unwrap();
        set(
            Some(on(&["leader-set", "--", "a=1", "-b=2"])),
            &[("a", "1"), ("-b", "2")],
        )
        .unwrap();
        play([on(&["leader-set", "a=1"]).secret(true)], |t| {
            leader_set(t, [("a", "1")], true)
        })
        .unwrap();
        play([], |t| leader_set(t, NONE, false)).unwrap();
    }

    #[test]
    fn what_the_tool_would_damage_is_refused_without_showing_the_value() {
        for value in [" hunter2", "hunter2\n", "\u{a0}hunter2", "hunter2\u{2003}"] {
            let error = set(None, &[("k", value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(
                error.to_string().contains("`k`") && !error.to_string().contains("hunter2"),
                "{error}"
            );
        }
        for pairs in [
            vec![("", "v")],
            vec![(" k", "v")],
            vec![("a=b", "v")],
            vec![("k", "1"), ("k", "2")],
        ] {
            assert!(set(None, &pairs).is_err(), "{pairs:?}");
        }
        let error = set(None, &[("k", &"x".repeat(131_070))]).unwrap_err();
        assert!(error.to_string().contains("131072 bytes"), "{error}");
        assert!(set(None, &[("k", "a\0b")]).is_err());
    }

    #[test]
    fn refusals_tell_a_follower_from_a_lost_answer() {
        let kind = |words: &str| {
            let call = on(&["leader-set", "k=v"]).fails(1, &format!("ERROR {words}\n"));
            set(Some(call), &[("k", "v")]).unwrap_err().kind()
        };
        let start = "cannot write leadership settings: cannot write settings: ";
        for (words, expected) in [
            ("not the leader", ErrorKind::NotLeader),
            (
                "failed to merge leadership settings: application \"foo\": checking leadership continuity: \"foo/0\" is not leader of \"foo\"",
                ErrorKind::NotLeader,
            ),
            (
                "failed to call leadership api: connection is shut down",
                ErrorKind::Unknown,
            ),
            (
                "failed to merge leadership settings: disk full",
                ErrorKind::Tool,
            ),
        ] {
            assert_eq!(kind(&format!("{start}{words}")), expected, "{words}");
        }
        assert_eq!(kind("unexpected EOF"), ErrorKind::Unknown);
        assert_eq!(
            kind("dial unix @/a/agent.socket: connect: connection refused"),
            ErrorKind::Tool
        );
    }

    #[test]
    fn a_read_that_is_lost_can_simply_be_repeated() {
        let words = "ERROR cannot read leadership settings: cannot read settings: failed to call leadership api: EOF\n";
        let calls = [on(&["leader-get", "--format=json", "k"]).fails(1, words)];
        assert_eq!(
            play(calls, |t| leader_get(t, "k")).unwrap_err().kind(),
            ErrorKind::Tool
        );
    }

    #[test]
    fn a_write_whose_answer_is_lost_may_have_happened() {
        let broken = |error| {
            set(
                Some(on(&["leader-set", "k=v"]).breaks(error)),
                &[("k", "v")],
            )
            .unwrap_err()
            .kind()
        };
        assert_eq!(
            broken(TransportError::Killed { signal: 9 }),
            ErrorKind::Unknown
        );
        assert_eq!(
            broken(TransportError::Lost {
                problem: String::new()
            }),
            ErrorKind::Unknown
        );
        let source = std::io::Error::other("no more processes");
        assert_eq!(
            broken(TransportError::NotStarted { source }),
            ErrorKind::Tool
        );

        let calls =
            [on(&["is-leader", "--format=json"]).breaks(TransportError::Killed { signal: 9 })];
        assert_eq!(play(calls, is_leader).unwrap_err().kind(), ErrorKind::Tool);
    }

    #[test]
    fn a_secret_never_stands_in_an_error() {
        for (code, words) in [
            (
                1,
                "ERROR cannot write leadership settings: cannot write settings: not the leader\n",
            ),
            (2, "ERROR expected \"key=value\", got \"hunter2\"\n"),
            (1, "ERROR hunter2 is no good\n"),
            (1, "ERROR yaml: line 1:\n  hunter2\n"),
        ] {
            let calls = [on(&["leader-set", "k=hunter2"])
                .secret(true)
                .fails(code, words)];
            let error = play(calls, |t| leader_set(t, [("k", "hunter2")], true)).unwrap_err();
            let shown = format!("{error} {error:?} {:?}", error.advice());
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
