//! What a server answers, as `redis-cli --json` writes it.

use std::collections::BTreeMap;

use ensign::prelude::*;
use serde_json::Value as Json;

/// What a server answered.
#[derive(Debug, Default)]
pub struct Replies {
    /// One for each command.
    pub values: Vec<Json>,
    /// The fields of `INFO`.
    pub info: BTreeMap<String, String>,
    /// The lines of what answers in lines, such as `CLUSTER NODES`.
    pub lines: Vec<String>,
}

/// Why there are no replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// It is not there.
    Unreachable,
    /// It does not take the password.
    Denied,
    /// It reads its data, and is there in a moment.
    Loading,
}

impl Replies {
    /// A field of `INFO`; empty where there is none.
    pub fn field(&self, name: &str) -> &str {
        self.info.get(name).map_or("", String::as_str)
    }

    /// An offset of `INFO replication`.
    pub fn offset(&self, name: &str) -> i64 {
        self.field(name).parse().unwrap_or(-1)
    }

    /// How much of the primary's data the server has.
    pub fn known(&self) -> i64 {
        match self.field("role") {
            "slave" => self.offset("slave_repl_offset"),
            _ => self.offset("master_repl_offset"),
        }
    }

    /// A setting, where the first command was `CONFIG GET`.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let all = self.values.first()?.as_array()?;
        let at = all.iter().step_by(2).position(|setting| setting == name)?;
        all.get(2 * at + 1)?.as_str()
    }

    /// Whether there is an answer to each command.
    pub fn answer(&self, commands: &str) -> bool {
        let in_lines = |command: &&str| {
            let all = ["INFO", "CLUSTER INFO", "CLUSTER NODES"];
            all.iter().any(|name| command.starts_with(name))
        };
        let (in_lines, in_values): (Vec<&str>, Vec<&str>) = commands.lines().partition(in_lines);
        let no_lines = self.info.is_empty() && self.lines.is_empty();
        self.values.len() >= in_values.len() && (in_lines.is_empty() || !no_lines)
    }

    /// All fields and lines, by names that an action may use.
    pub fn named(&self) -> Vec<(String, String)> {
        let name = |field: &str| field.replace('_', "-").to_lowercase();
        let fields = self.info.iter();
        let fields = fields.map(|(field, value)| (name(field), value.clone()));
        let lines = self.lines.iter().enumerate();
        let lines = lines.map(|(n, line)| (format!("node-{n}"), line.clone()));
        fields.chain(lines).collect()
    }

    /// Reads what `redis-cli` printed.
    ///
    /// # Errors
    /// When the server refuses a command.
    pub fn read(stdout: &str) -> Result<std::result::Result<Self, Silence>> {
        let mut all = Self::default();
        for line in stdout.lines().map(str::trim_end) {
            if let Some(error) = error_of(line) {
                return silence(&error).map(Err);
            } else if let Ok(value) = serde_json::from_str(line) {
                all.values.push(value);
            } else if let Some((field, value)) =
                line.split_once(':').filter(|(f, _)| !f.contains(' '))
            {
                all.info.insert(field.to_owned(), value.to_owned());
            } else if !line.is_empty() && !line.starts_with('#') {
                all.lines.push(line.to_owned());
            }
        }
        let nothing = all.values.is_empty() && all.info.is_empty() && all.lines.is_empty();
        Ok(if nothing {
            Err(Silence::Unreachable)
        } else {
            Ok(all)
        })
    }
}

/// What the server says in `error:"…"`, alone or within the replies of a transaction.
fn error_of(line: &str) -> Option<String> {
    let at = match line.strip_prefix('[') {
        Some(_) => line.find("error:\"")?,
        None => line.starts_with("error:").then_some(0)?,
    };
    let said = &line[at + "error:".len()..];
    let mut texts = serde_json::Deserializer::from_str(said).into_iter::<String>();
    // Without quotes it is said as it stands.
    Some(match texts.next() {
        Some(Ok(text)) => text,
        _ => said.to_owned(),
    })
}

/// Why there are no replies; an error where it is a command that was refused.
fn silence(error: &str) -> Result<Silence> {
    match error.split(' ').next() {
        Some("NOAUTH" | "WRONGPASS") => Ok(Silence::Denied),
        Some("LOADING") => Ok(Silence::Loading),
        _ => Err(Error::new(
            ErrorKind::Other,
            format!("redis says {}", without_arguments(error)),
        )),
    }
}

/// A server may repeat what it was told, and that may be a password. It does so in quotation marks: what follows the
/// first is left out, since a password may have some of its own.
fn without_arguments(error: &str) -> String {
    match error.find(['\'', '"', '`']) {
        Some(at) => format!("{}…", error[..at].trim_end()),
        None => error.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stdout: &str) -> Replies {
        Replies::read(stdout).unwrap().unwrap()
    }

    #[test]
    fn values_fields_and_lines_are_told_apart() {
        let now = read(
            "[\"timeout\",\"0\",\"port\",\"6379\"]\n\"OK\"\n# Replication\r\nrole:slave\r\nslave_repl_offset:7\r\n\
             07c3 10.0.0.1:6379@16379 master - 0 0 1 connected 0-5\n",
        );
        assert_eq!(now.values.len(), 2);
        assert_eq!((now.field("role"), now.field("other")), ("slave", ""));
        assert_eq!((now.known(), now.offset("other")), (7, -1));
        assert_eq!(now.setting("port"), Some("6379"));
        assert_eq!(now.setting("databases"), None);
        assert!(now.lines[0].starts_with("07c3 ") && now.lines.len() == 1);
    }

    #[test]
    fn a_server_that_gives_no_answer_says_why() {
        for (stdout, silence) in [
            ("", Silence::Unreachable),
            (
                "error:\"NOAUTH Authentication required.\"\n",
                Silence::Denied,
            ),
            (
                "error:\"WRONGPASS invalid username-password pair\"\n",
                Silence::Denied,
            ),
            (
                "error:\"LOADING Redis is loading the dataset in memory\"\n",
                Silence::Loading,
            ),
        ] {
            assert_eq!(Replies::read(stdout).unwrap().unwrap_err(), silence);
        }
    }

    #[test]
    fn a_connection_that_breaks_leaves_commands_without_an_answer() {
        let commands = "CONFIG GET port\nACL LIST\nINFO replication\n";
        assert!(read("[]\n[]\nrole:master\n").answer(commands));
        assert!(!read("[]\n[]\n").answer(commands));
        assert!(!read("[]\n").answer("PING\nPING\n"));
        assert!(!read("role:master\n").answer(commands));
    }

    #[test]
    fn a_refusal_repeats_no_argument() {
        for password in ["hunter2", "hun'ter2", "hun\"ter2", "hun`ter2 x"] {
            for (words, told) in [
                (
                    format!("ERR Invalid argument '{password}' for CONFIG SET 'requirepass'"),
                    "redis says ERR Invalid argument…",
                ),
                (
                    format!("ERR Error in ACL SETUSER modifier '>{password}': Syntax error"),
                    "redis says ERR Error in ACL SETUSER modifier…",
                ),
                (
                    format!("ERR unknown command `AUTH`, with args beginning with: `{password}`, "),
                    "redis says ERR unknown command…",
                ),
                (
                    "ERR REPLICAOF not allowed in cluster mode.".to_owned(),
                    "redis says ERR REPLICAOF not allowed in cluster mode.",
                ),
            ] {
                let quoted = Json::from(words).to_string();
                for line in [
                    format!("error:{quoted}\n"),
                    format!("\"OK\"\n[\"OK\",error:{quoted}]\n"),
                ] {
                    let error = Replies::read(&line).unwrap_err().line();
                    assert_eq!(error, told);
                }
            }
        }
    }
}
