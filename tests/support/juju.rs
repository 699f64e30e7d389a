//! Juju as far as flags need it: leadership, configuration, per-unit state, the log. What leadership really
//! means is tested against the model.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ensign::tools::{ToolCall, ToolOutput, Transport, TransportError};
use serde_json::{Value, json};

/// Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct Juju {
    inner: Rc<RefCell<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    leader: bool,
    config: BTreeMap<String, Value>,
    settings: BTreeMap<String, String>,
    state: BTreeMap<String, String>,
    pending: BTreeMap<String, String>,
    log: Vec<(String, String)>,
    calls: Vec<String>,
    /// Tool → what it answers instead.
    broken: BTreeMap<String, (i32, String, String)>,
    parameters: Value,
}

impl Juju {
    pub fn config(&self, option: &str, value: impl Into<Value>) {
        self.inner
            .borrow_mut()
            .config
            .insert(option.to_owned(), value.into());
    }

    pub fn unset_config(&self, option: &str) {
        self.inner
            .borrow_mut()
            .config
            .insert(option.to_owned(), Value::Null);
    }

    pub fn leader(&self, leads: bool) {
        self.inner.borrow_mut().leader = leads;
    }

    pub fn setting(&self, key: &str, value: &str) {
        self.inner
            .borrow_mut()
            .settings
            .insert(key.to_owned(), value.to_owned());
    }

    pub fn remove_setting(&self, key: &str) {
        self.inner.borrow_mut().settings.remove(key);
    }

    pub fn settings(&self) -> BTreeMap<String, String> {
        let mut all = self.inner.borrow().settings.clone();
        all.remove("ensign-gen");
        all
    }

    pub fn answer(&self, tool: &str, code: i32, stdout: &str, stderr: &str) {
        let answer = (code, stdout.to_owned(), stderr.to_owned());
        self.inner
            .borrow_mut()
            .broken
            .insert(tool.to_owned(), answer);
    }

    pub fn mend(&self, tool: &str) {
        self.inner.borrow_mut().broken.remove(tool);
    }

    pub fn calls(&self) -> Vec<String> {
        self.inner.borrow().calls.clone()
    }

    /// `level: message` lines.
    pub fn log(&self) -> Vec<String> {
        self.inner
            .borrow()
            .log
            .iter()
            .map(|(l, m)| format!("{l}: {m}"))
            .collect()
    }

    pub fn logged(&self, part: &str) -> bool {
        self.log().iter().any(|l| l.contains(part))
    }

    pub fn begin(&self) {
        self.inner.borrow_mut().pending.clear();
    }

    pub fn end(&self, success: bool) {
        let mut inner = self.inner.borrow_mut();
        let pending = std::mem::take(&mut inner.pending);
        if success {
            inner.state.extend(pending);
        }
    }
}

impl Transport for Juju {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        let mut inner = self.inner.borrow_mut();
        inner.calls.push(call.tool.to_owned());
        if let Some((code, stdout, stderr)) = inner.broken.get(call.tool) {
            return Ok(ToolOutput {
                code: *code,
                stdout: stdout.clone().into_bytes(),
                stderr: stderr.clone().into_bytes(),
            });
        }
        let last = call.args.last().map_or("", String::as_str);
        let answer = match call.tool {
            "is-leader" => json!(inner.leader),
            "config-get" => json!(inner.config),
            "leader-get" => json!(inner.settings),
            "leader-set" => {
                for pair in call.args.iter().filter(|a| a.contains('=')) {
                    let (key, value) = pair.split_once('=').unwrap();
                    if value.is_empty() {
                        inner.settings.remove(key);
                    } else {
                        inner.settings.insert(key.to_owned(), value.to_owned());
                    }
                }
                return Ok(ToolOutput::default());
            }
            "state-get" => {
                let found = inner.pending.get(last).or_else(|| inner.state.get(last));
                match found {
                    Some(value) => json!(value),
                    None => {
                        return Ok(ToolOutput {
                            code: 1,
                            stderr: format!("ERROR \"{last}\" not found\n").into_bytes(),
                            ..ToolOutput::default()
                        });
                    }
                }
            }
            "state-set" => {
                for line in call.stdin.unwrap_or_default().lines() {
                    let pair: BTreeMap<String, String> =
                        serde_json::from_str(&format!("{{{line}}}")).unwrap();
                    inner.pending.extend(pair);
                }
                return Ok(ToolOutput::default());
            }
            "juju-log" => {
                let level = call
                    .args
                    .iter()
                    .position(|a| a == "-l" || a == "--log-level");
                let level = level.map_or("INFO", |i| &call.args[i + 1]).to_owned();
                inner.log.push((level, last.to_owned()));
                return Ok(ToolOutput::default());
            }
            "status-set" => return Ok(ToolOutput::default()),
            "action-get" => inner.parameters.clone(),
            _ => return Err(TransportError::Missing),
        };
        Ok(ToolOutput {
            stdout: format!("{answer}\n").into_bytes(),
            ..ToolOutput::default()
        })
    }
}
