//! The decorators and functions of a bash handler, with their lines.

use std::path::{Path, PathBuf};

use super::condition;
use super::words::words;
use crate::finding::{Finding, Findings, Level};
use crate::proof::handler::Handler;

/// The decorators of `charms.reactive.sh`.
const DECORATORS: [&str; 10] = [
    "hook",
    "action",
    "when",
    "when_all",
    "when_any",
    "when_not",
    "when_none",
    "when_not_all",
    "when_file_changed",
    "only_once",
];

/// Functions that belong to the leadership layer.
const LEADERSHIP: [&str; 4] = ["leader_get", "leader_set", "is-leader", "is_leader"];

/// Whether the first line names bash.
pub(super) fn is_bash(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.contains("bash") || first.ends_with("/sh")
}

/// A script that the charm would refuse to start with.
pub(super) fn not_executable(file: &Path) -> Finding {
    let message = "this handler is not executable: every hook of the charm would fail";
    let hint = format!("`chmod +x {}`", file.display());
    Finding::about(Level::Error, file, message)
        .numbered(205)
        .hint(hint)
}

/// A line of the script with its number, continued lines in one.
fn joined(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let part = line.strip_suffix('\\');
        match all.last_mut().filter(|_| open) {
            Some((_, whole)) => {
                whole.push(' ');
                whole.push_str(part.unwrap_or(line).trim());
            }
            None => all.push((index + 1, part.unwrap_or(line).to_owned())),
        }
        open = part.is_some();
    }
    all
}

/// Reads the decorated functions of the script `inside` the charm, which messages call `file`.
pub(super) fn read(
    inside: &Path,
    file: &Path,
    text: &str,
    findings: &mut Findings,
) -> Vec<Handler> {
    let mut reading = Reading {
        inside,
        file,
        text,
        findings,
        handlers: Vec::new(),
        pending: Vec::new(),
    };
    for (number, line) in joined(text) {
        reading.line(number, &line);
    }
    reading.end(text.lines().count());
    reading.handlers
}

struct Reading<'r> {
    inside: &'r Path,
    file: &'r Path,
    text: &'r str,
    findings: &'r mut Findings,
    handlers: Vec<Handler>,
    /// Decorators that wait for their function.
    pending: Vec<(usize, String, Vec<Option<String>>)>,
}

impl Reading<'_> {
    fn line(&mut self, number: usize, line: &str) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            return;
        }
        if let Some(decorator) = trimmed.strip_prefix('@') {
            let mut all = words(decorator).into_iter();
            let kind = all.next().flatten().unwrap_or_default();
            if DECORATORS.contains(&kind.as_str()) {
                self.pending.push((number, kind, all.collect()));
            }
            return;
        }
        if let Some(name) = function(trimmed) {
            self.function(number, name);
        } else if !self.pending.is_empty() {
            self.orphans();
        }
        self.body(trimmed);
    }

    /// What decorators above say of this function.
    fn function(&mut self, number: usize, name: &str) {
        let id = format!("{}:{name}", self.inside.display());
        let mut handler = Handler {
            id: id.clone(),
            file: self.file.to_owned(),
            line: number,
            ..Handler::default()
        };
        if let Some(first) = self.handlers.iter().find(|known| known.id == id) {
            let message = format!(
                "`{name}` stands twice in this script, first in line {}: the conditions of both apply to the second",
                first.line
            );
            let finding = self.finding(Level::Error, number, 409, message);
            self.findings
                .push(finding.hint("give the second another name"));
        }
        for (line, kind, args) in std::mem::take(&mut self.pending) {
            if args.is_empty() && kind != "only_once" {
                let message = format!("`@{kind}` names nothing: `{name}` can never run");
                let finding = self.finding(Level::Error, line, 502, message);
                self.findings
                    .push(finding.hint("name at least one flag, hook or file"));
                continue;
            }
            let known: Vec<String> = args.into_iter().flatten().collect();
            handler.conditions.push(condition(&kind, known));
        }
        if handler.conditions.is_empty() {
            return;
        }
        let occasion = handler.has("hook") || handler.has("action");
        let mixed = handler.has("hook") && handler.has("action")
            || occasion && handler.conditions.iter().any(|c| c.names_flags());
        if mixed {
            let message = format!(
                "`{name}` can never run: it combines `@hook` or `@action` with conditions of another kind"
            );
            let hint = "let the hook's function set a flag, and wait for that flag in another one";
            let finding = self.finding(Level::Error, number, 501, message);
            self.findings.push(finding.hint(hint));
        }
        self.handlers.push(handler);
    }

    /// What the innermost function so far is seen to write.
    fn body(&mut self, line: &str) {
        let Some(handler) = self.handlers.last_mut() else {
            return;
        };
        for command in commands(line) {
            let mut all = words(command).into_iter().flatten();
            let Some(name) = all.next() else { continue };
            let flag = all.next();
            match (name.as_str(), flag) {
                ("set_flag" | "set_state", Some(flag)) => handler.sets.push(flag),
                ("clear_flag" | "remove_state", Some(flag)) => handler.clears.push(flag),
                ("toggle_flag" | "toggle_state", Some(flag)) => {
                    handler.sets.push(flag.clone());
                    handler.clears.push(flag);
                }
                ("is_flag_set" | "is_state", Some(flag)) if flag == "leadership.is_leader" => {
                    handler.calls.push("is_leader".into());
                }
                (call, _) if LEADERSHIP.contains(&call) => handler.calls.push(call.to_owned()),
                _ => {}
            }
        }
    }

    /// Decorators without a function.
    fn orphans(&mut self) {
        for (line, kind, _) in std::mem::take(&mut self.pending) {
            let message =
                format!("no function follows `@{kind}`: every hook of the charm would fail");
            let finding = self.finding(Level::Error, line, 503, message);
            let hint = "write the function right below its decorators";
            self.findings.push(finding.hint(hint));
        }
    }

    fn end(&mut self, lines: usize) {
        self.orphans();
        let ends = self
            .text
            .lines()
            .any(|line| line.trim().starts_with("reactive_handler_main"));
        if !self.handlers.is_empty() && !ends {
            let message = "the script has handlers and does not call `reactive_handler_main`: none would ever run";
            let finding = self.finding(Level::Error, lines, 504, message.into());
            self.findings
                .push(finding.hint("write `reactive_handler_main` as its last line"));
        }
    }

    fn finding(&self, level: Level, line: usize, number: u16, message: String) -> Finding {
        let mut finding = Finding::about(level, PathBuf::from(self.file), message).numbered(number);
        finding.line = line;
        finding.snippet = self
            .text
            .lines()
            .nth(line.saturating_sub(1))
            .unwrap_or_default()
            .to_owned();
        finding
    }
}

/// The name of the function that begins in this line.
fn function(line: &str) -> Option<&str> {
    let name_end = |text: &str| text.find(|c: char| " \t(){}#;&|".contains(c));
    if let Some(rest) = line
        .strip_prefix("function")
        .filter(|rest| rest.starts_with([' ', '\t']))
    {
        let rest = rest.trim_start();
        let name = &rest[..name_end(rest).unwrap_or(rest.len())];
        return (!name.is_empty()).then_some(name);
    }
    let end = name_end(line)?;
    let mut after = line[end..].trim_start().strip_prefix('(')?.trim_start();
    after = after.strip_prefix(')')?.trim_start();
    (end > 0 && (after.is_empty() || after.starts_with(['{', '#', '(']))).then_some(&line[..end])
}

/// The commands of a line, roughly: what stands between `;`, `&&`, `||`, `|`, `(`, `{` and the words of control.
fn commands(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split([';', '&', '|', '(', '{', '`']);
    parts.map(|part| {
        let mut part = part.trim_start();
        loop {
            let control = [
                "if ",
                "then ",
                "else ",
                "elif ",
                "do ",
                "while ",
                "until ",
                "! ",
                "charms.reactive ",
            ];
            match control.iter().find_map(|word| part.strip_prefix(word)) {
                Some(rest) => part = rest.trim_start(),
                None => return part,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(body: &str) -> (Vec<Handler>, Vec<String>) {
        let text = format!("#!/bin/bash\nsource charms.reactive.sh\n{body}");
        let mut findings = Findings::default();
        let file = Path::new("reactive/x.sh");
        let handlers = read(file, file, &text, &mut findings);
        let found = findings.sorted();
        for finding in &found {
            assert!(finding.hint.is_some(), "{finding}");
        }
        let codes = found
            .iter()
            .map(|f| format!("{} {}", f.code().unwrap_or_default(), f.line))
            .collect();
        (handlers, codes)
    }

    #[test]
    fn decorated_functions_are_handlers() {
        let (handlers, found) = script(
            "@when 'a' \"b\" \\\n    c\n@when_not d # why\n\n# what\nfunction up() {\n    set_flag 'e'\n    \
             if x && clear_flag f; then :; fi\n}\n\n@when_file_changed /etc/x\n@only_once\ndown() { charms.reactive toggle_flag g; }\n\
             helper() {\n :\n}\nreactive_handler_main\n",
        );
        assert_eq!(found, [""; 0]);
        let [up, down] = handlers.as_slice() else {
            panic!("{handlers:#?}")
        };
        assert_eq!((up.id.as_str(), up.line), ("reactive/x.sh:up", 8));
        assert_eq!(up.args_of("when").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(up.args_of("when_not").collect::<Vec<_>>(), ["d"]);
        assert_eq!(
            (up.sets.as_slice(), up.clears.as_slice()),
            (&["e".to_owned()][..], &["f".to_owned()][..])
        );
        assert_eq!(down.sources("file").collect::<Vec<_>>(), ["/etc/x"]);
        assert!(down.has("only_once") && down.sets == ["g"] && down.clears == ["g"]);
    }

    #[test]
    fn d22_and_d23_are_found_in_bash() {
        let end = "reactive_handler_main\n";
        let found = |body: &str| script(&format!("{body}\n{end}")).1;
        assert_eq!(found("@hook install\n@when a\nf() {\n :\n}"), ["E501 5"]);
        assert_eq!(found("@action a\n@hook install\nf() {\n :\n}"), ["E501 5"]);
        assert_eq!(found("@hook install\n@only_once\nf() {\n :\n}"), [""; 0]);
        assert_eq!(found("@when\nf() {\n :\n}"), ["E502 3"]);
        assert_eq!(found("@when_not\n@when a\nf() {\n :\n}"), ["E502 3"]);
        assert_eq!(
            found("@when $flags\nf() {\n :\n}"),
            [""; 0],
            "only bash knows"
        );
    }

    #[test]
    fn a_script_that_could_not_be_asked_is_told() {
        assert_eq!(
            script("@when a\necho\nf() {\n :\n}\nreactive_handler_main\n").1,
            ["E503 3"]
        );
        assert_eq!(script("@when a\n").1, ["E503 3"]);
        assert_eq!(script("@when a\nf() {\n :\n}\n").1, ["E504 6"]);
        let twice = "@when a\nf() {\n :\n}\n@when b\nf() {\n :\n}\nreactive_handler_main\n";
        assert_eq!(script(twice).1, ["E409 8"]);
        assert_eq!(script("echo no handlers\n").1, [""; 0]);
    }
}
