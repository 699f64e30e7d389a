//! What a server answers.

use serde_json::{Value, json};

use super::conf::{check, words};
use super::server::{Role, Server};

/// A reply: a value, an error, or text that is shown as it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    Value(Value),
    Error(String),
    Text(String),
}

fn ok() -> Reply {
    Reply::Value(json!("OK"))
}

fn error(text: impl Into<String>) -> Reply {
    Reply::Error(text.into())
}

impl Server {
    /// Carries a command out.
    pub(crate) fn command(&mut self, line: &str) -> Reply {
        let Some(words) = words(line) else {
            return error("ERR Protocol error: unbalanced quotes in request");
        };
        let upper: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
        let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
        match upper.as_slice() {
            ["PING"] => Reply::Value(json!("PONG")),
            ["CONFIG", "GET", ..] => self.config_get(&words[2..]),
            ["CONFIG", "SET", ..] => self.config_set(&words[2..]),
            ["ACL", "LIST"] => {
                let hash = |_: &String| " #0000000000000000000000000000000000000000000000000000000000000000";
                let passwords: String = self.settings.passwords.iter().map(hash).collect();
                let passwords = if passwords.is_empty() {
                    " nopass".to_owned()
                } else {
                    passwords
                };
                Reply::Value(json!([format!("user default on{passwords} ~* &* +@all")]))
            }
            ["ACL", "SETUSER", "DEFAULT", ..] => {
                for word in &words[3..] {
                    let known = &mut self.settings.passwords;
                    match word.split_at(1) {
                        (">", new) if !known.iter().any(|p| p == new) => known.push(new.to_owned()),
                        ("<", old) => known.retain(|password| password != old),
                        _ => {}
                    }
                }
                ok()
            }
            ["INFO", "REPLICATION"] => Reply::Text(self.info()),
            ["REPLICAOF", ..] if self.get("cluster-enabled") == "yes" => {
                error("ERR REPLICAOF not allowed in cluster mode.")
            }
            ["REPLICAOF", "NO", "ONE"] => {
                self.role = Role::Master;
                self.settings
                    .values
                    .insert("replicaof".to_owned(), String::new());
                ok()
            }
            ["REPLICAOF", _, port] => {
                self.role = Role::Slave {
                    host: words[1].clone(),
                    port: port.parse().unwrap_or(0),
                    up: false,
                };
                ok()
            }
            ["GET", _] => Reply::Value(json!(self.data.get(&words[1]))),
            ["SET", _, _] => self.write(|data| {
                data.insert(words[1].clone(), words[2].clone());
                json!("OK")
            }),
            ["INCR", _] => self.write(|data| {
                let value = data.entry(words[1].clone()).or_default();
                let next = value.parse::<i64>().unwrap_or(0) + 1;
                *value = next.to_string();
                json!(next)
            }),
            ["WAIT", _, _] => Reply::Value(json!(self.replicas)),
            ["SAVE" | "BGSAVE"] => Reply::Value(json!("OK")),
            ["LASTSAVE"] => Reply::Value(json!(1_800_000_000)),
            ["CLUSTER", ..] if self.get("cluster-enabled") == "no" => {
                error("ERR This instance has cluster support disabled")
            }
            _ => error(format!(
                "ERR unknown command '{}', with args beginning with: ",
                words[0]
            )),
        }
    }

    fn write(
        &mut self,
        change: impl FnOnce(&mut std::collections::BTreeMap<String, String>) -> Value,
    ) -> Reply {
        if matches!(self.role, Role::Slave { .. }) {
            return error("READONLY You can't write against a read only replica.");
        }
        if self.replicas < self.replicas_wanted() {
            return error("NOREPLICAS Not enough good replicas to write.");
        }
        self.offset += 30;
        Reply::Value(change(&mut self.data))
    }

    fn config_get(&self, names: &[String]) -> Reply {
        let mut all = Vec::new();
        for (name, value) in &self.settings.values {
            if names.contains(name) {
                all.extend([name.clone(), value.clone()]);
            }
        }
        Reply::Value(json!(all))
    }

    fn config_set(&mut self, pairs: &[String]) -> Reply {
        let failed = |name: &str, why: &str| {
            error(format!(
                "ERR CONFIG SET failed (possibly related to argument '{name}') - {why}"
            ))
        };
        for pair in pairs.chunks(2) {
            let [name, value] = pair else {
                return error("ERR wrong number of arguments for 'config|set' command");
            };
            if !self.settings.values.contains_key(name) {
                return error(format!(
                    "ERR Unknown option or number of arguments for CONFIG SET - '{name}'"
                ));
            }
            let fixed = ["databases", "cluster-enabled", "cluster-port", "replicaof"];
            if fixed.contains(&name.as_str()) {
                return failed(name, "can't set immutable config");
            }
            if let Err(why) = check(name, value) {
                return failed(name, &why);
            }
        }
        for pair in pairs.chunks(2) {
            if pair[0] == "requirepass" {
                self.settings.passwords = vec![pair[1].clone()];
                self.settings
                    .passwords
                    .retain(|password| !password.is_empty());
            }
            self.settings
                .values
                .insert(pair[0].clone(), pair[1].clone());
        }
        ok()
    }

    fn info(&self) -> String {
        let mut lines = vec!["# Replication".to_owned()];
        match &self.role {
            Role::Master => lines.push("role:master".to_owned()),
            Role::Slave { host, port, up } => lines.extend([
                "role:slave".to_owned(),
                format!("master_host:{host}"),
                format!("master_port:{port}"),
                format!("master_link_status:{}", if *up { "up" } else { "down" }),
                format!("slave_repl_offset:{}", self.offset),
            ]),
        }
        lines.push(format!("connected_slaves:{}", self.replicas));
        lines.push(format!("master_repl_offset:{}", self.offset));
        lines.join("\r\n") + "\r\n"
    }
}
