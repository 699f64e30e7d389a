//! The command line of `systemctl`, as much of it as charms use.

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Start,
    Stop,
    Restart,
    TryRestart,
    Reload,
    ReloadOrRestart,
    Kill,
    Enable,
    Disable,
    Mask,
    Unmask,
    IsActive,
    IsFailed,
    IsEnabled,
    Status,
    Show,
    Cat,
    List,
    IsSystemRunning,
    /// There is nothing to do: unit files are read when they are needed.
    Nothing,
}

const VERBS: [(&str, Verb); 26] = [
    ("start", Verb::Start),
    ("stop", Verb::Stop),
    ("restart", Verb::Restart),
    ("try-restart", Verb::TryRestart),
    ("condrestart", Verb::TryRestart),
    ("reload", Verb::Reload),
    ("reload-or-restart", Verb::ReloadOrRestart),
    ("try-reload-or-restart", Verb::ReloadOrRestart),
    ("force-reload", Verb::ReloadOrRestart),
    ("kill", Verb::Kill),
    ("enable", Verb::Enable),
    ("reenable", Verb::Enable),
    ("disable", Verb::Disable),
    ("mask", Verb::Mask),
    ("unmask", Verb::Unmask),
    ("is-active", Verb::IsActive),
    ("is-failed", Verb::IsFailed),
    ("is-enabled", Verb::IsEnabled),
    ("status", Verb::Status),
    ("show", Verb::Show),
    ("cat", Verb::Cat),
    ("list-units", Verb::List),
    ("is-system-running", Verb::IsSystemRunning),
    ("daemon-reload", Verb::Nothing),
    ("daemon-reexec", Verb::Nothing),
    ("reset-failed", Verb::Nothing),
];

impl Verb {
    /// As it is typed.
    pub(super) fn word(self) -> &'static str {
        VERBS
            .iter()
            .find(|(_, verb)| *verb == self)
            .map_or("", |(word, _)| word)
    }

    /// It changes nothing.
    pub(super) const fn is_question(self) -> bool {
        matches!(self, Self::IsActive | Self::IsFailed | Self::IsEnabled)
    }
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) verb: Verb,
    pub(super) units: Vec<String>,
    /// Enabled and started, disabled and stopped.
    pub(super) now: bool,
    pub(super) quiet: bool,
    /// Of `show`; empty for all.
    pub(super) properties: Vec<String>,
    /// Values without their names.
    pub(super) value: bool,
    pub(super) signal: String,
}

/// Options with a value that does not matter here.
const IGNORED: [&str; 12] = [
    "-t",
    "--type",
    "--state",
    "-n",
    "--lines",
    "-o",
    "--output",
    "--job-mode",
    "-M",
    "--machine",
    "-H",
    "--preset-mode",
];

impl Command {
    /// Reads the words behind `systemctl`.
    pub(super) fn parse(words: &[String]) -> Result<Self, String> {
        let mut command = Self {
            verb: Verb::List,
            units: Vec::new(),
            now: false,
            quiet: false,
            properties: Vec::new(),
            value: false,
            signal: "SIGTERM".into(),
        };
        let mut verb = None;
        let mut words = words.iter().map(String::as_str);
        let mut only_units = false;
        while let Some(word) = words.next() {
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) if word.starts_with("--") => (name, Some(value)),
                _ => (word, None),
            };
            let mut value = || {
                inline
                    .or_else(|| words.next())
                    .ok_or_else(|| format!("systemctl: option '{name}' requires an argument"))
            };
            match name {
                _ if only_units || !name.starts_with('-') => match verb {
                    None => verb = Some(word),
                    Some(_) => command.units.push(word.to_owned()),
                },
                "--" => only_units = true,
                "--now" => command.now = true,
                "-q" | "--quiet" => command.quiet = true,
                "--value" => command.value = true,
                "-p" | "--property" => {
                    let names = value()?.split(',').map(str::to_owned);
                    command.properties.extend(names);
                }
                "-s" | "--signal" => value()?.clone_into(&mut command.signal),
                "--user" | "--root" | "--host" => {
                    return Err(format!(
                        "systemctl: Ensign's machines have no `{name}`: services of the whole machine only"
                    ));
                }
                _ if IGNORED.contains(&name) => drop(value()?),
                _ if name
                    .strip_prefix("-p")
                    .is_some_and(|rest| !rest.starts_with('-')) =>
                {
                    command.properties.push(name[2..].to_owned());
                }
                // What remains changes how things are told, not what is done.
                _ => {}
            }
        }
        if let Some(word) = verb {
            let known = VERBS.iter().find(|(name, _)| *name == word);
            command.verb = known.map(|(_, verb)| *verb).ok_or_else(|| {
                format!(
                    "systemctl: Ensign's machines have no command `{word}`: no systemd runs in them, and services are all \
                     they have"
                )
            })?;
        }
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Command, String> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Command::parse(&words)
    }

    #[test]
    fn options_may_stand_anywhere_and_carry_values() {
        let command =
            parse("--no-pager show redis -p ActiveState,SubState --value --property=MainPID")
                .unwrap();
        assert_eq!(
            (command.verb, command.units),
            (Verb::Show, vec!["redis".to_owned()])
        );
        assert_eq!(command.properties, ["ActiveState", "SubState", "MainPID"]);
        assert!(command.value);
        let command = parse("enable --now -q a b.service").unwrap();
        assert!(command.now && command.quiet && command.units.len() == 2);
    }

    #[test]
    fn what_is_not_there_is_named() {
        assert!(parse("frobnicate x").unwrap_err().contains("frobnicate"));
        assert!(parse("--user start x").unwrap_err().contains("--user"));
        assert!(
            parse("kill -s")
                .unwrap_err()
                .contains("requires an argument")
        );
    }

    #[test]
    fn a_verb_is_told_as_it_is_typed() {
        assert_eq!(Verb::TryRestart.word(), "try-restart");
        assert_eq!(Verb::Restart.word(), "restart");
    }
}
