//! How the command is used: what `--help` prints, and what a wrong call is told.

use std::fmt;

use crate::external::wire::Answer;

/// Name, arguments, meaning: what `--help` prints, and what a usage error shows.
pub(super) const COMMANDS: [(&str, &str, &str); 23] = [
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
        "SOURCE TARGET [KEY=VALUE…] [--mode=MODE] [--owner=USER[:GROUP]]",
        "renders a template of the charm; needs the layer `templates`",
    ),
    (
        "relation_call",
        "(--flag FLAG | --relation_name ENDPOINT) METHOD [ARGUMENT…]",
        "calls an endpoint's method",
    ),
];

/// Names of earlier versions of charms.reactive.
pub(super) const ALIASES: [(&str, &str); 8] = [
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_command() {
        let help = help();
        for (name, ..) in COMMANDS {
            assert!(help.contains(&format!("\n  {name} ")), "{name}");
        }
    }
}
