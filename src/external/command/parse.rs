//! The command line.

use std::fmt;

use super::relation::Get;
use super::trigger::Declared;
use super::{Condition, Operation};
use crate::external::wire::Answer;

/// Name, arguments, meaning: what `--help` prints, and what a usage error shows.
const COMMANDS: [(&str, &str, &str); 23] = [
    (
        "get_flags",
        "",
        "the flags that are set, sorted, one a line",
    ),
    (
        "get_unset_flags",
        "FLAG…",
        "those of them that are not set, sorted, one a line",
    ),
    ("is_flag_set", "FLAG", "exits 0 if it is set, else 1"),
    ("all_flags_set", "FLAG…", "exits 0 if all are set, else 1"),
    ("any_flags_set", "FLAG…", "exits 0 if any is set, else 1"),
    ("set_flag", "FLAG", "sets it"),
    ("clear_flag", "FLAG", "clears it"),
    ("toggle_flag", "FLAG true|false", "sets it, or clears it"),
    (
        "register_trigger",
        "--when FLAG | --when_not FLAG [--set_flag FLAG] [--clear_flag FLAG]",
        "until the end of the hook: when the one is set or cleared, the others follow at once",
    ),
    (
        "any_hook",
        "PATTERN…",
        "exits 0 if the running hook matches any, else 1",
    ),
    (
        "hook",
        "PATTERN…",
        "the same, while hook handlers are looked for",
    ),
    (
        "action",
        "NAME…",
        "exits 0 if the running action is one of these, else 1",
    ),
    (
        "when",
        "FLAG…",
        "all are set, while flag handlers are looked for; also when_all",
    ),
    (
        "when_any",
        "FLAG…",
        "likewise, any; when_not or when_none: none; when_not_all: not all",
    ),
    ("only_once", "ID", "exits 0 if it was not marked, else 1"),
    ("was_invoked", "ID", "exits 0 if it was marked, else 1"),
    ("mark_invoked", "ID…", "marks them"),
    (
        "test",
        "\"NAME ID [CONDITION 'ARGUMENT…']…\"…",
        "the names of those that are due, with commas; what the decorators of charms.reactive.sh ask",
    ),
    (
        "leader_get",
        "[KEY]",
        "a leader setting; without KEY all of them, as JSON",
    ),
    (
        "leader_set",
        "KEY=VALUE…",
        "writes them as a group; an empty value removes the key",
    ),
    (
        "name_relation_get",
        "ENDPOINT UNIT [KEY] [--format=FORMAT]",
        "relation-get by the endpoint's name",
    ),
    (
        "render_template",
        "SOURCE TARGET",
        "renders a template of the charm; needs the layer `templates`",
    ),
    (
        "relation_call",
        "(--flag FLAG | --relation_name ENDPOINT) METHOD [ARGUMENT…]",
        "calls an endpoint's method",
    ),
];

/// Names of earlier versions of charms.reactive.
const ALIASES: [(&str, &str); 8] = [
    ("get_states", "get_flags"),
    ("is_state", "is_flag_set"),
    ("all_states", "all_flags_set"),
    ("any_states", "any_flags_set"),
    ("set_state", "set_flag"),
    ("remove_state", "clear_flag"),
    ("toggle_state", "toggle_flag"),
    ("state_relation_call", "relation_call"),
];

/// The command was called wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::external) struct Usage(String);

impl Usage {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Usage> for Answer {
    fn from(usage: &Usage) -> Self {
        Self::failed(2, &usage.0)
    }
}

/// What `--help` prints.
pub(super) fn help() -> String {
    let mut text = "usage: charms.reactive COMMAND [ARGUMENT…]\n".to_owned();
    for (name, arguments, meaning) in COMMANDS {
        text.push_str(&format!("\n  {name} {arguments}\n      {meaning}\n"));
    }
    text.push_str("\nexits 0 for done or true, 1 for failed or false, 2 when used wrongly");
    text
}

impl Operation {
    /// Reads a command line, without the program's name.
    pub(in crate::external) fn parse(args: &[String]) -> Result<Self, Usage> {
        let Some((name, args)) = args.split_first() else {
            return Err(Usage::new(
                "no command given: `charms.reactive --help` lists them",
            ));
        };
        let alias = ALIASES.iter().find(|(old, _)| old == name);
        let line = Line {
            name: alias.map_or(name.as_str(), |(_, new)| new),
            args,
        };
        if alias.is_some_and(|(old, _)| *old == "state_relation_call") {
            return relation_call_by_state(&line);
        }
        match line.name {
            "get_flags" => line.none().map(|()| Self::GetFlags),
            "get_unset_flags" => Ok(Self::GetUnsetFlags(line.any())),
            "is_flag_set" => line.one().map(Self::IsFlagSet),
            "all_flags_set" => Ok(Self::AllFlagsSet(line.any())),
            "any_flags_set" => Ok(Self::AnyFlagsSet(line.any())),
            "set_flag" => line.one().map(Self::SetFlag),
            "clear_flag" => line.one().map(Self::ClearFlag),
            "toggle_flag" => toggle(&line),
            "register_trigger" => Declared::parse(line.args).map(Self::RegisterTrigger),
            "any_hook" => Ok(Self::AnyHook(line.any())),
            "was_invoked" => line.one().map(Self::WasInvoked),
            "only_once" => line.one().map(Self::OnlyOnce),
            "mark_invoked" => Ok(Self::MarkInvoked(line.any())),
            "test" => Ok(Self::Test(line.any())),
            "leader_get" => match line.args {
                [] => Ok(Self::LeaderGet(None)),
                _ => line.one().map(|key| Self::LeaderGet(Some(key))),
            },
            "leader_set" => pairs(&line).map(Self::LeaderSet),
            "name_relation_get" => Get::parse(line.args)
                .map(Self::NameRelationGet)
                .map_err(|e| line.wrong(&e)),
            "relation_call" => relation_call(&line),
            "render_template" => match line.args {
                [source, _target] => Ok(Self::RenderTemplate {
                    source: source.clone(),
                }),
                _ => Err(line.wrong("it takes a template and a file")),
            },
            "when_file_changed" => Err(Usage::new(
                "`when_file_changed` needs a function that remembers what it has seen: \
                 write it as a decorator, `@when_file_changed FILE…`",
            )),
            name => match Condition::parse(name, line.any()) {
                Ok(Some(condition)) => Ok(Self::Condition(condition)),
                Ok(None) => Err(Usage::new(format!(
                    "`{}` is not a command: `charms.reactive --help` lists them",
                    name.escape_debug()
                ))),
                Err(e) => Err(Usage::new(e.to_string())),
            },
        }
    }
}

/// A command and its arguments.
struct Line<'a> {
    name: &'a str,
    args: &'a [String],
}

impl Line<'_> {
    fn wrong(&self, why: &str) -> Usage {
        let known = COMMANDS.iter().find(|(name, ..)| *name == self.name);
        let arguments = known.map_or("", |(_, arguments, _)| arguments);
        Usage(format!(
            "{why}\nusage: charms.reactive {} {arguments}",
            self.name
        ))
    }

    fn none(&self) -> Result<(), Usage> {
        match self.args {
            [] => Ok(()),
            [extra, ..] => Err(self.wrong(&format!(
                "`{}` is one argument too many",
                extra.escape_debug()
            ))),
        }
    }

    fn one(&self) -> Result<String, Usage> {
        match self.args {
            [one] => Ok(one.clone()),
            [] => Err(self.wrong("an argument is missing")),
            [_, extra, ..] => Err(self.wrong(&format!(
                "`{}` is one argument too many",
                extra.escape_debug()
            ))),
        }
    }

    fn any(&self) -> Vec<String> {
        self.args.to_vec()
    }
}

fn toggle(line: &Line<'_>) -> Result<Operation, Usage> {
    let [flag, set] = line.args else {
        return Err(line.wrong("it takes a flag and `true` or `false`"));
    };
    match set.to_ascii_lowercase().as_str() {
        "true" => Ok(Operation::ToggleFlag(flag.clone(), true)),
        "false" => Ok(Operation::ToggleFlag(flag.clone(), false)),
        other => Err(line.wrong(&format!(
            "`{}` is neither `true` nor `false`",
            other.escape_debug()
        ))),
    }
}

fn pairs(line: &Line<'_>) -> Result<Vec<(String, String)>, Usage> {
    if line.args.is_empty() {
        return Err(line.wrong("there is nothing to set"));
    }
    let pair = |arg: &String| match arg.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        // The value may be secret, so the argument is not repeated.
        _ => Err(line.wrong("an argument has no `KEY=` in front")),
    };
    line.args.iter().map(pair).collect()
}

fn relation_call(line: &Line<'_>) -> Result<Operation, Usage> {
    let mut of = None;
    let mut method = None;
    let mut args = line.args.iter();
    while let Some(arg) = args.next() {
        let (option, value) = match arg.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        match option {
            "--flag" | "--state" | "--relation-name" | "--relation_name" => {
                let value = value.or_else(|| args.next().cloned());
                of = Some(value.ok_or_else(|| line.wrong(&format!("`{option}` names nothing")))?);
            }
            _ if method.is_none() => method = Some(arg.clone()),
            _ => {}
        }
    }
    match (method, of) {
        (Some(method), Some(of)) => Ok(Operation::RelationCall { method, of }),
        (None, _) => Err(line.wrong("a method is missing")),
        (_, None) => Err(line.wrong("it says neither `--flag` nor `--relation_name`")),
    }
}

fn relation_call_by_state(line: &Line<'_>) -> Result<Operation, Usage> {
    match line.args {
        [of, method, ..] => Ok(Operation::RelationCall {
            method: method.clone(),
            of: of.clone(),
        }),
        _ => Err(Usage::new(
            "usage: charms.reactive state_relation_call FLAG METHOD [ARGUMENT…]",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Operation, Usage> {
        let args: Vec<String> = crate::external::shell::words(line).unwrap();
        Operation::parse(&args)
    }

    #[test]
    fn b99_every_command_and_its_old_name_is_known() {
        let flags = || vec!["a".to_owned(), "b".to_owned()];
        for (line, expected) in [
            ("get_flags", Operation::GetFlags),
            ("get_states", Operation::GetFlags),
            ("is_flag_set a", Operation::IsFlagSet("a".to_owned())),
            ("is_state a", Operation::IsFlagSet("a".to_owned())),
            ("all_flags_set a b", Operation::AllFlagsSet(flags())),
            ("all_states a b", Operation::AllFlagsSet(flags())),
            ("any_states a b", Operation::AnyFlagsSet(flags())),
            ("get_unset_flags a b", Operation::GetUnsetFlags(flags())),
            ("set_state a", Operation::SetFlag("a".to_owned())),
            ("remove_state a", Operation::ClearFlag("a".to_owned())),
            (
                "toggle_flag a True",
                Operation::ToggleFlag("a".to_owned(), true),
            ),
            (
                "toggle_flag a false",
                Operation::ToggleFlag("a".to_owned(), false),
            ),
            ("any_hook a b", Operation::AnyHook(flags())),
            (
                "when_none a b",
                Operation::Condition(Condition::None(flags())),
            ),
            ("leader_get", Operation::LeaderGet(None)),
            ("leader_get k", Operation::LeaderGet(Some("k".to_owned()))),
            (
                "leader_set k=v=w gone=",
                Operation::LeaderSet(vec![
                    ("k".to_owned(), "v=w".to_owned()),
                    ("gone".to_owned(), String::new()),
                ]),
            ),
            (
                "relation_call --flag db.ready uri x",
                Operation::RelationCall {
                    method: "uri".to_owned(),
                    of: "db.ready".to_owned(),
                },
            ),
            (
                "relation_call uri --relation_name=db",
                Operation::RelationCall {
                    method: "uri".to_owned(),
                    of: "db".to_owned(),
                },
            ),
        ] {
            assert_eq!(parse(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn wrong_calls_say_how_it_goes() {
        for (line, why) in [
            ("", "no command given"),
            ("fly", "`fly` is not a command"),
            ("set_flag", "an argument is missing"),
            ("set_flag a b", "`b` is one argument too many"),
            ("get_flags a", "`a` is one argument too many"),
            ("toggle_flag a", "it takes a flag and"),
            ("toggle_flag a maybe", "`maybe` is neither"),
            ("leader_set", "nothing to set"),
            ("leader_set hunter2", "no `KEY=` in front"),
            ("leader_set =v", "no `KEY=` in front"),
            ("relation_call --flag", "`--flag` names nothing"),
            ("relation_call uri", "neither `--flag`"),
            ("when", "`@when` names nothing"),
            ("when_file_changed /x", "as a decorator"),
            ("register_trigger --when a", "at least one"),
        ] {
            let usage = parse(line).unwrap_err();
            assert!(usage.0.contains(why), "{line}: {usage}");
            assert_eq!(Answer::from(&usage).code, 2);
        }
        assert!(
            !parse("leader_set hunter2")
                .unwrap_err()
                .0
                .contains("hunter2")
        );
    }

    #[test]
    fn help_names_every_command() {
        let help = help();
        for (name, ..) in COMMANDS {
            assert!(help.contains(&format!("\n  {name} ")), "{name}");
        }
    }
}
