//! `redis-cli`.

use std::process::Output;

use ensign::host::Program;
use ensign_testing::{UnitName, exited};
use serde_json::Value;

use super::Inner;
use super::commands::Reply;

impl Inner {
    pub(super) fn redis_cli(
        &mut self,
        unit: &UnitName,
        words: &[&str],
        program: &Program,
    ) -> Output {
        let option = |name: &str| {
            let at = words.iter().position(|word| *word == name)?;
            words.get(at + 1).copied()
        };
        let mut environment = program.environment.iter();
        let auth = environment.find(|(name, _)| name == "REDISCLI_AUTH");
        let password = auth
            .map_or("", |(_, value)| value.to_str().expect("text"))
            .to_owned();
        if let Some(command) = option("--cluster") {
            return self.manage(unit, command, words, &password);
        }
        let host = option("-h").unwrap_or("127.0.0.1");
        let port = option("-p")
            .and_then(|port| port.parse().ok())
            .unwrap_or(6379);
        let input = String::from_utf8(program.input.clone()).expect("text");
        let json = words.contains(&"--json");
        if !words.contains(&"-c") {
            return exited(
                0,
                self.converse(unit, host, port, &password, &input, json),
                "",
            );
        }
        let (mut host, mut port, mut all) = (host.to_owned(), port, String::new());
        for line in input.lines() {
            let mut said = self.converse(unit, &host, port, &password, line, json);
            if let Some(moved) = said.strip_prefix("MOVED ") {
                let to = moved
                    .trim()
                    .split_once(' ')
                    .and_then(|(_, to)| to.rsplit_once(':'));
                let (to, its_port) = to.expect("an address");
                (host, port) = (to.to_owned(), its_port.parse().expect("a port"));
                said = self.converse(unit, &host, port, &password, line, json);
            }
            all += &said;
        }
        exited(0, all, "")
    }

    /// What comes of these commands, one a line.
    pub(crate) fn converse(
        &mut self,
        from: &UnitName,
        host: &str,
        port: u16,
        password: &str,
        commands: &str,
        json: bool,
    ) -> String {
        let Some(unit) = self.reached(from, host, port) else {
            return String::new();
        };
        let mut said = String::new();
        let mut queued: Option<Vec<String>> = None;
        let admitted = self
            .server(&unit)
            .is_some_and(|server| server.admits(password));
        for line in commands.lines() {
            if self.breaks() {
                break;
            }
            let reply = if self.loading.contains(&unit) {
                Reply::Error("LOADING Redis is loading the dataset in memory".to_owned())
            } else if !admitted {
                Reply::Error("NOAUTH Authentication required.".to_owned())
            } else if line == "MULTI" {
                queued = Some(Vec::new());
                Reply::Value("OK".into())
            } else if line == "EXEC" {
                let all = queued.take().unwrap_or_default();
                let replies = all.iter().map(|line| match self.execute(&unit, line) {
                    Reply::Value(value) => value,
                    Reply::Error(text) | Reply::Text(text) => {
                        Value::String(format!("error:{text}"))
                    }
                });
                Reply::Value(replies.collect())
            } else if let Some(queued) = &mut queued {
                queued.push(line.to_owned());
                Reply::Value("QUEUED".into())
            } else {
                self.execute(&unit, line)
            };
            said += &match reply {
                Reply::Error(text) if json => format!("error:{}\n", Value::String(text)),
                Reply::Value(value) if json => format!("{value}\n"),
                Reply::Error(text) => format!("{text}\n\n"),
                Reply::Value(Value::String(text)) => format!("{text}\n"),
                Reply::Value(Value::Null) => "\n".to_owned(),
                Reply::Value(value) => format!("{value}\n"),
                Reply::Text(text) => format!("{text}\n"),
            };
        }
        said
    }

    /// Counts a command; whether the connection breaks at it.
    pub(super) fn breaks(&mut self) -> bool {
        self.commands += 1;
        self.breaks_at == Some(self.commands)
    }

    fn execute(&mut self, unit: &UnitName, line: &str) -> Reply {
        let reply = match self.cluster_command(unit, line) {
            Some(reply) => reply,
            None => match self.server_mut(unit) {
                Some(server) => {
                    let (path, dump) = (server.dump_path(), server.dump());
                    let reply = server.command(line);
                    if line == "SAVE" {
                        self.machines[unit].disk.put(path, dump);
                    }
                    reply
                }
                None => Reply::Error("ERR gone".to_owned()),
            },
        };
        self.tick();
        reply
    }
}
