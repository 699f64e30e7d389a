//! The command line.

use super::relation::Get;
use super::trigger::Declared;
use super::usage::{ALIASES, COMMANDS, Usage};
use super::{Condition, Operation, layer};

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
                [_source, _target, ..] => Ok(Self::OfLayer {
                    name: "render_template",
                    args: line.any(),
                }),
                _ => Err(line.wrong("it takes a template and a file")),
            },
            "when_file_changed" => Err(Usage::new(
                "`when_file_changed` needs a function that remembers what it has seen: \
                 write it as a decorator, `@when_file_changed FILE…`",
            )),
            name if layer::known(name).is_some() => Ok(Self::OfLayer {
                name: layer::known(name).unwrap_or_default(),
                args: line.any(),
            }),
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
        Usage::new(format!(
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
    let mut rest = Vec::new();
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
            _ => rest.push(arg.clone()),
        }
    }
    match (method, of) {
        (Some(method), Some(of)) => Ok(Operation::RelationCall {
            method,
            of,
            args: rest,
        }),
        (None, _) => Err(line.wrong("a method is missing")),
        (_, None) => Err(line.wrong("it says neither `--flag` nor `--relation_name`")),
    }
}

fn relation_call_by_state(line: &Line<'_>) -> Result<Operation, Usage> {
    match line.args {
        [of, method, args @ ..] => Ok(Operation::RelationCall {
            method: method.clone(),
            of: of.clone(),
            args: args.to_vec(),
        }),
        _ => Err(Usage::new(
            "usage: charms.reactive state_relation_call FLAG METHOD [ARGUMENT…]",
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::external::wire::Answer;

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
                    args: vec!["x".to_owned()],
                },
            ),
            (
                "relation_call uri --relation_name=db",
                Operation::RelationCall {
                    method: "uri".to_owned(),
                    of: "db".to_owned(),
                    args: Vec::new(),
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
            assert!(usage.to_string().contains(why), "{line}: {usage}");
            assert_eq!(Answer::from(&usage).code, 2);
        }
        assert!(
            !parse("leader_set hunter2")
                .unwrap_err()
                .to_string()
                .contains("hunter2")
        );
    }

    proptest! {
        #[test]
        fn no_command_line_is_a_panic(name in "[a-z_]{0,20}", args in vec(any::<String>(), 0..5)) {
            let known = COMMANDS.iter().map(|(name, ..)| (*name).to_owned());
            for name in known.chain([name]) {
                let mut line = vec![name];
                line.extend(args.iter().cloned());
                let _either = Operation::parse(&line);
            }
        }
    }
}
