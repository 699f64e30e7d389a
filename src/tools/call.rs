//! Building a call and running it: what all typed functions share.

use super::Tools;
use super::error::ToolError;
use super::judge::judge;
use super::transport::{ToolCall, ToolOutput, TransportError};
use crate::error::ErrorKind;

/// The longest argument Linux passes to a process, without its closing NUL (`MAX_ARG_STRLEN`).
pub(super) const LONGEST_ARG: usize = 131_071;

/// Where the shown form of an argument is cut, in characters.
const SHOWN_ARG: usize = 80;

/// A call under construction: options first, then `--` where needed, then the positional arguments.
pub(super) struct Call {
    tool: &'static str,
    options: Vec<String>,
    positional: Vec<String>,
    dashes: bool,
    stdin: Option<String>,
    write: bool,
    secret: bool,
}

impl Call {
    pub(super) fn read(tool: &'static str) -> Self {
        Self {
            tool,
            options: Vec::new(),
            positional: Vec::new(),
            dashes: false,
            stdin: None,
            write: false,
            secret: false,
        }
    }

    /// A read that answers in JSON.
    pub(super) fn json(tool: &'static str) -> Self {
        Self::read(tool).option("--format=json")
    }

    /// A call after whose loss nobody knows whether it happened.
    pub(super) fn write(tool: &'static str) -> Self {
        Self {
            write: true,
            ..Self::read(tool)
        }
    }

    pub(super) fn option(mut self, option: impl Into<String>) -> Self {
        self.options.push(option.into());
        self
    }

    pub(super) fn option_if(self, yes: bool, option: &str) -> Self {
        if yes { self.option(option) } else { self }
    }

    /// An option with a value of its own, as two arguments.
    pub(super) fn value(self, option: &str, value: impl Into<String>) -> Self {
        self.option(option).option(value)
    }

    pub(super) fn value_if(self, option: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.value(option, value),
            None => self,
        }
    }

    pub(super) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.positional.push(arg.into());
        self
    }

    pub(super) fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.positional.extend(args.into_iter().map(Into::into));
        self
    }

    /// `--` before the positional arguments even if none of them looks like an option.
    pub(super) fn dashes(mut self) -> Self {
        self.dashes = true;
        self
    }

    pub(super) fn stdin(mut self, text: String) -> Self {
        self.stdin = Some(text);
        self
    }

    pub(super) fn secret(mut self, secret: bool) -> Self {
        self.secret = secret;
        self
    }

    /// Runs it; a failed tool is an error.
    pub(super) fn run(self, tools: &mut Tools) -> Result<ToolOutput, ToolError> {
        self.attempt(tools)?.map_err(|refusal| refusal.error)
    }

    /// Runs it; `None` if it failed (exit code 1) with words that `absent` knows as "there is none".
    pub(super) fn run_unless(
        self,
        tools: &mut Tools,
        absent: impl FnOnce(&str) -> bool,
    ) -> Result<Option<ToolOutput>, ToolError> {
        match self.attempt(tools)? {
            Ok(output) => Ok(Some(output)),
            Err(refusal) if refusal.code == 1 && absent(&refusal.text) => Ok(None),
            Err(refusal) => Err(refusal.error),
        }
    }

    fn attempt(self, tools: &mut Tools) -> Result<Result<ToolOutput, Refusal>, ToolError> {
        let mut args = self.options;
        // A lone `-` is not an option (hook tools §1.3).
        if self.dashes
            || self
                .positional
                .iter()
                .any(|arg| arg.len() > 1 && arg.starts_with('-'))
        {
            args.push("--".to_owned());
        }
        args.extend(self.positional);
        let call = ToolCall {
            tool: self.tool,
            args: &args,
            stdin: self.stdin.as_deref(),
            secret: self.secret,
        };
        let mut answer = tools.call(&call);
        if let Err(ToolError::Transport { kind, source, .. }) = &mut answer
            && self.write
            && !matches!(source, TransportError::NotStarted { .. })
        {
            *kind = ErrorKind::Unknown;
        }
        let output = answer?;
        if output.code == 0 {
            return Ok(Ok(output));
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let text = text.trim();
        let text = text.strip_prefix("ERROR ").unwrap_or(text);
        Ok(Err(Refusal {
            code: output.code,
            text: text.to_owned(),
            error: judge(&call, self.write, output.code, text),
        }))
    }
}

/// A tool that ran and said no.
struct Refusal {
    code: i32,
    /// All its words, which may be secret.
    text: String,
    error: ToolError,
}

/// Refuses what no process can be given, so that every transport behaves alike.
pub(super) fn check(call: &ToolCall<'_>) -> Result<(), ToolError> {
    for arg in call.args {
        if arg.len() > LONGEST_ARG {
            let problem = format!(
                "an argument has {} bytes, more than the {LONGEST_ARG} that a process can be given",
                arg.len()
            );
            return Err(ToolError::invalid(call.tool, problem));
        }
        if arg.contains('\0') {
            return Err(ToolError::invalid(
                call.tool,
                "an argument contains a NUL, which no process can be given",
            ));
        }
    }
    Ok(())
}

/// The call as errors show it.
pub(super) fn shown(call: &ToolCall<'_>) -> String {
    let mut out = call.tool.to_owned();
    if call.secret {
        out.push_str(" (arguments hidden)");
        return out;
    }
    for arg in call.args {
        out.push(' ');
        out.push_str(&cut(arg, SHOWN_ARG));
    }
    out
}

/// Refuses the keys that tools take for "all".
pub(super) fn one_key(tool: &str, key: &str) -> Result<(), ToolError> {
    match key {
        "" | "-" => Err(ToolError::invalid(
            tool,
            format!("`{key}` means all keys: name one"),
        )),
        _ => Ok(()),
    }
}

/// A message for people, as an argument: cut if no process can be given it, and without NUL.
pub(super) fn fitting(message: &str, most: usize) -> String {
    const NOTE: usize = 40;
    // What Unicode has to show a NUL with.
    let message = message.replace('\0', "\u{2400}");
    if message.len() <= most {
        return message;
    }
    let end = message.floor_char_boundary(most.saturating_sub(NOTE));
    format!("{} … ({} bytes cut)", &message[..end], message.len() - end)
}

pub(super) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
