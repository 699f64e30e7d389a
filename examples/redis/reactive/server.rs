//! Talking to a Redis server: through `redis-cli`, with the password in its environment and every command on its
//! standard input, so that neither is ever on a command line.

use std::collections::BTreeMap;

use ensign::prelude::*;
use interface_redis::Address;
use serde_json::Value as Json;

use crate::conf;
use crate::source::Source;

/// How many seconds a server has to answer: longer than it ever takes, shorter than anybody waits.
const PATIENCE: &str = "5";

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

    /// Whether there is an answer to each command.
    fn answer(&self, commands: &str) -> bool {
        let in_lines = |command: &&str| {
            let all = ["INFO", "CLUSTER INFO", "CLUSTER NODES"];
            all.iter().any(|name| command.starts_with(name))
        };
        let (in_lines, in_values): (Vec<&str>, Vec<&str>) = commands.lines().partition(in_lines);
        let no_lines = self.info.is_empty() && self.lines.is_empty();
        self.values.len() >= in_values.len() && (in_lines.is_empty() || !no_lines)
    }

    fn read(stdout: &str) -> Result<std::result::Result<Self, Silence>> {
        let mut all = Self::default();
        for line in stdout.lines().map(str::trim_end) {
            if let Some(error) = line.strip_prefix("error:") {
                let silence = match error.trim_start_matches('"').split(' ').next() {
                    Some("NOAUTH" | "WRONGPASS") => Silence::Denied,
                    Some("LOADING") => Silence::Loading,
                    _ => return Err(Error::new(ErrorKind::Other, format!("redis says {error}"))),
                };
                return Ok(Err(silence));
            } else if line.starts_with('[') && line.contains("error:\"") {
                // Within a transaction.
                let error = line.split("error:").nth(1).unwrap_or_default();
                return Err(Error::new(ErrorKind::Other, format!("redis says {error}")));
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

/// Asks a server; commands that answer in lines come last.
///
/// # Errors
/// When `redis-cli` cannot be started, or the server refuses a command.
pub fn ask(
    ctx: &mut Context,
    at: &Address,
    password: &Secret,
    commands: &str,
) -> Result<std::result::Result<Replies, Silence>> {
    let cli = Source::of(ctx)?.cli;
    let output = ctx
        .command("timeout")
        .args([PATIENCE, cli, "-2", "--json", "-h", &at.host, "-p"])
        .arg(at.port.to_string())
        .env("REDISCLI_AUTH", password.expose())
        .input(commands)
        .wait()?;
    let replies = Replies::read(&String::from_utf8_lossy(&output.stdout))?;
    Ok(replies.and_then(|all| match all.answer(commands) {
        true => Ok(all),
        // It was lost in the middle: what was said last was not done.
        false => Err(Silence::Unreachable),
    }))
}

/// Where the server of this unit listens and what it takes, as its file says.
///
/// # Errors
/// When the file cannot be read.
pub fn own(ctx: &mut Context) -> Result<(Address, Secret)> {
    let (port, password) = conf::written(ctx)?;
    Ok((Address::new("127.0.0.1", port), password))
}

/// Asks the server of this unit, as its file describes it.
///
/// # Errors
/// As [`ask`].
pub fn ask_own(ctx: &mut Context, commands: &str) -> Result<std::result::Result<Replies, Silence>> {
    let (at, password) = own(ctx)?;
    ask(ctx, &at, &password, commands)
}

/// A text as an argument of a command, or of a line of the file.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
