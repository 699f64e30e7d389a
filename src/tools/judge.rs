//! What the words of a failed tool mean for the caller.

use super::call::{cut, shown};
use super::error::ToolError;
use super::transport::ToolCall;
use crate::error::ErrorKind;

/// Where the words of a failed tool are cut, in characters.
const SHOWN_STDERR: usize = 2_000;

/// Turns the words of a failed tool into an error the caller can act on (hook tools §1.2, §3.3, §5.4, §6.1, §13).
pub(super) fn judge(call: &ToolCall<'_>, write: bool, code: i32, text: &str) -> ToolError {
    let tool = call.tool.to_owned();
    if text.contains("not implemented for restricted context") {
        return ToolError::Restricted { tool };
    }
    if text.starts_with("bad request: unknown command: ") {
        return ToolError::Missing { tool };
    }
    let kind = if code == 1 && says_not_leader(text) {
        ErrorKind::NotLeader
    } else if code == 1 && write && says_lost(text) {
        ErrorKind::Unknown
    } else {
        ErrorKind::Tool
    };
    let stderr = if call.secret {
        scrub(text, call)
    } else {
        text.to_owned()
    };
    ToolError::Failed {
        tool,
        shown: shown(call),
        code,
        stderr: cut(&stderr, SHOWN_STDERR),
        kind,
    }
}

fn says_not_leader(text: &str) -> bool {
    text.contains("not the leader")
        || text.contains("is not leader of")
        || text == "cannot write relation settings"
        || text == "cannot read relation application settings: permission denied"
}

/// The agent lost its controller, or the tool its agent, after the request went out.
fn says_lost(text: &str) -> bool {
    const LOST: [&str; 8] = [
        "failed to call leadership api",
        "connection is shut down",
        "connection refused",
        "connection reset",
        "broken pipe",
        "EOF",
        "i/o timeout",
        "closed network connection",
    ];
    // A tool that cannot reach its agent has asked for nothing.
    !text.starts_with("dial ") && LOST.iter().any(|lost| text.contains(lost))
}

/// Words of a secret call: tools quote what they were given, so nothing from the first quote on, and nothing that holds an argument.
fn scrub(text: &str, call: &ToolCall<'_>) -> String {
    const HIDDEN: &str = "(the rest is hidden, the call carries a secret)";
    let (head, rest) = text.split_at(text.find(['"', '\'', '`', '\n']).unwrap_or(text.len()));
    let args = call
        .args
        .iter()
        .map(String::as_str)
        .filter(|arg| !arg.starts_with('-'));
    let values = args.chain(call.stdin);
    let leaks = values
        .flat_map(|v| [Some(v), v.split_once('=').map(|(_, value)| value)])
        .flatten()
        .any(|v| !v.is_empty() && head.contains(v));
    match (leaks, rest.is_empty()) {
        (true, _) => HIDDEN.to_owned(),
        (false, true) => head.to_owned(),
        (false, false) => format!("{head}{HIDDEN}"),
    }
}
