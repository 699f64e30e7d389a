//! What a stage learns from the steps of a process.

use std::path::Path;

use ensign::tools::{ToolCall, ToolOutput};
use ensign_model::UnitName;

use super::stage::Stage;
use super::violation::Violation;
use crate::MemoryDisk;

/// Tools that carry leader data; `content` is what stands in the files that the call names.
fn carries_leader_data(call: &ToolCall<'_>, content: &str) -> bool {
    match call.tool {
        "leader-set" => true,
        // A charm may have other secrets, which it tells another application of.
        "secret-add" | "secret-set" => {
            let mut texts = call.args.iter().map(String::as_str).chain(call.stdin);
            content.contains(LEADERS_CONTENT) || texts.any(|text| text.contains(LEADERS_CONTENT))
        }
        // What an application tells another one is its charm's own.
        "relation-set" => {
            let mut texts = call.args.iter().map(String::as_str).chain(call.stdin);
            call.args.iter().any(|arg| arg == "--app") && texts.any(|text| text.contains("leader."))
        }
        _ => false,
    }
}

/// The first part of the content of the leader's secret.
const LEADERS_CONTENT: &str = "data-0";

impl Stage {
    /// What stands in the files that a call names.
    fn content(&self, unit: &UnitName, call: &ToolCall<'_>) -> String {
        let files = call.args.iter().filter(|arg| arg.starts_with('/'));
        files
            .filter_map(|path| self.sim.borrow().disk(unit).text(path))
            .collect()
    }

    /// Whether it is a unit of the charm that is looked at.
    pub(super) fn is_subject(&self, unit: &UnitName) -> bool {
        unit.application() == self.subject.application
    }

    /// A tool is about to be called.
    pub(super) fn called(&self, call: &ToolCall<'_>, writes: bool) {
        let mut frames = self.frames.borrow_mut();
        let Some(frame) = frames.last_mut() else {
            return;
        };
        if call.args.iter().any(|arg| arg.contains('=')) {
            let line = format!("{} {}", call.tool, call.args.join(" "));
            self.notes.borrow_mut().arguments.push(line);
        }
        if writes {
            frame.wrote.push(call.tool.to_owned());
        }
        if call.tool == "state-set" {
            let id = call
                .args
                .iter()
                .map(String::as_str)
                .chain(call.stdin)
                .find_map(|text| text.split("ensign-commit").nth(1))
                .map(|rest| rest.chars().filter(char::is_ascii_hexdigit).collect());
            frame.record = id.or(frame.record.take());
        }
        let content = self.content(&frame.unit, call);
        if carries_leader_data(call, &content) && self.is_subject(&frame.unit) {
            let mut text = format!("{}\n{}", call.args.join("\n"), call.stdin.unwrap_or(""));
            text.push_str(&content);
            let write = self
                .ghost
                .borrow_mut()
                .wrote(frame.write, &text, frame.operator);
            frame.write = Some(write);
        }
    }

    /// A tool has answered.
    pub(super) fn answered(&self, call: &ToolCall<'_>, answer: &ToolOutput) {
        let leader = self.leader();
        let now = self.now();
        let mut frames = self.frames.borrow_mut();
        let Some(frame) = frames.last_mut() else {
            return;
        };
        let content = self.content(&frame.unit, call);
        if answer.code == 0 && carries_leader_data(call, &content) && self.is_subject(&frame.unit) {
            frame.buffered |= call.tool != "leader-set";
            frame.secret |= call.tool.starts_with("secret");
            frame.bag |= call.tool == "relation-set";
        }
        if call.tool == "is-leader" && answer.code == 0 {
            let leads = matches!(answer.stdout.first(), Some(b'T' | b't'));
            frame.leads = Some(leads);
            if leads {
                frame.promised = Some(now);
            }
        }
        let settings = self.sim.borrow().model().controller_profile();
        if call.tool == "leader-set"
            && answer.code == 0
            && settings.differences().leader_settings
            && let Some(write) = frame.write
        {
            for watch in &self.subject.watches {
                let set = |arg: &String| {
                    let value = arg.strip_prefix(&watch.key)?.strip_prefix('=')?.to_owned();
                    Some((!value.is_empty()).then_some(value))
                };
                if let Some(value) = call.args.iter().find_map(set) {
                    let mut ghost = self.ghost.borrow_mut();
                    self.check(ghost.set(write, &watch.key, value.as_ref()));
                }
            }
        }
        if call.tool == "leader-set"
            && answer.code == 0
            && self.is_subject(&frame.unit)
            && leader.as_ref() != Some(&frame.unit)
        {
            let message = format!("{} wrote leader settings and does not lead", frame.unit);
            drop(frames);
            self.fail(Violation::new("no follower writes", message));
        }
    }

    /// A file is about to be written.
    pub(super) fn wrote(&self, step: &str, path: &Path, disk: &MemoryDisk) {
        let mut frames = self.frames.borrow_mut();
        let Some(frame) = frames.last_mut() else {
            return;
        };
        frame.wrote.push(step.to_owned());
        let promoted = step == "rename to state.json";
        if !promoted && step != "remove state.next" {
            return;
        }
        let Some(id) = staged_id(disk, path) else {
            return;
        };
        let unit = frame.unit.clone();
        drop(frames);
        let ghost = self.ghost.borrow();
        let result = if promoted {
            ghost.promoted(&unit, &id)
        } else {
            ghost.dropped(&unit, &id)
        };
        drop(ghost);
        self.check(result);
    }
}

/// The id of the record that is staged.
fn staged_id(disk: &MemoryDisk, path: &Path) -> Option<String> {
    let text = disk.text(path.with_file_name("state.next"))?;
    let document: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(document["record"]["id"].as_str()?.to_owned())
}
